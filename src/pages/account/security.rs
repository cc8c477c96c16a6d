use leptos::prelude::*;

use crate::{
    api::ChangePassword,
    components::{
        EntryState, FormError, NewPasswordField, PageLayout, PasswordField, SubmitButton, Username,
    },
    model::{Field, Form},
};

/// `/account/security`
#[component]
pub fn SecurityPage() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let state = EntryState::new(Form::ChangePassword, action);
    let (current, new) = (state.problem(Field::CurrentPassword), state.problem(Field::NewPassword));
    view! {
        <PageLayout title="Security">
            <h1>"Security"</h1>
            <section class="card narrow" aria-labelledby="change-password">
                <h2 id="change-password">"Change your password"</h2>
                <p class="hint">"You stay signed in here, and are signed out everywhere else."</p>
                <ActionForm action attr:novalidate=true attr:class="stack">
                    <FormError text=state.form_error/>
                    <Username/>
                    <PasswordField field=Field::CurrentPassword label="Current password"
                        autocomplete="current-password" problem=current/>
                    <NewPasswordField field=Field::NewPassword label="New password" problem=new/>
                    <SubmitButton label="Change password" busy_label="Changing your password…"
                        pending=state.pending/>
                </ActionForm>
            </section>
        </PageLayout>
    }
}
