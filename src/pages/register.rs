use leptos::prelude::*;

use crate::{
    api::Register,
    components::{
        EntryLayout, EntryState, FormError, Hidden, NewPasswordField, SubmitButton, TextField, link_keeping,
        return_address,
    },
    model::{Field, Form},
};

/// `/register`
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = ServerAction::<Register>::new();
    let state = EntryState::new(Form::Register, action);
    let (name, email, password) =
        (state.problem(Field::Name), state.problem(Field::Email), state.problem(Field::Password));
    let next = return_address();
    let login = link_keeping(next.as_ref(), "/login");
    view! {
        <EntryLayout title="Create an account" lead="One minute, and you are in.">
            <ActionForm action attr:novalidate=true attr:class="stack">
                <FormError text=state.form_error/>
                <TextField field=Field::Name label="Name" kind="text" autocomplete="name"
                    value=state.typed.name problem=name/>
                <TextField field=Field::Email label="Email" kind="email" autocomplete="username"
                    value=state.typed.email problem=email/>
                <NewPasswordField problem=password/>
                <Hidden name="next" value=next.map(String::from)/>
                <SubmitButton label="Create account" busy_label="Creating your account…" pending=state.pending/>
            </ActionForm>
            <p class="aside">"Already have an account? "<a href=login>"Sign in"</a></p>
        </EntryLayout>
    }
}
