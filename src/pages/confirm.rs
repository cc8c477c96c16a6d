use leptos::prelude::*;

use crate::{
    api::Confirm,
    components::{
        EntryState, FormError, Hidden, PageLayout, PasswordField, SubmitButton, Username, return_address,
    },
    model::{Field, Form},
};

/// `/confirm`: proves again that it is still the same person.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = ServerAction::<Confirm>::new();
    let state = EntryState::new(Form::Confirm, action);
    let password = state.problem(Field::Password);
    view! {
        <PageLayout title="Confirm that it is you">
            <h1>"Confirm that it is you"</h1>
            <p class="lead">"What you are about to do asks for your password, since you signed in a while ago."</p>
            <ActionForm action attr:novalidate=true attr:class="stack card narrow">
                <FormError text=state.form_error/>
                <Username/>
                <PasswordField label="Password" autocomplete="current-password" problem=password/>
                <Hidden name="next" value=return_address().map(String::from)/>
                <SubmitButton label="Confirm" busy_label="Confirming…" pending=state.pending/>
            </ActionForm>
        </PageLayout>
    }
}
