use leptos::prelude::*;

use crate::{
    api::SignIn,
    components::{
        Door, EntryLayout, EntryState, FormError, Hidden, PasswordField, SubmitButton, TextField, farewell,
        link_keeping, return_address,
    },
    model::{EndReason, Field, Form},
};

/// `/login`
#[component]
pub fn LoginPage() -> impl IntoView {
    let action = ServerAction::<SignIn>::new();
    let state = EntryState::new(Form::SignIn, action);
    let (email, password) = (state.problem(Field::Email), state.problem(Field::Password));
    let next = return_address();
    let farewell = expect_context::<Option<EndReason>>().and_then(farewell);
    let register = link_keeping(next.as_ref(), "/register");
    view! {
        <EntryLayout title="Sign in" lead="Good to see you again.">
            {farewell.map(|words| view! { <p class="note" role="status"><Door/>{words}</p> })}
            <ActionForm action attr:novalidate=true attr:class="stack">
                <FormError text=state.form_error/>
                <TextField field=Field::Email label="Email" kind="email" autocomplete="username"
                    value=state.typed.email problem=email/>
                <PasswordField label="Password" autocomplete="current-password" problem=password/>
                <label class="check">
                    <input type="checkbox" name="remember" checked=state.typed.remember/>
                    "Keep me signed in"
                </label>
                <Hidden name="next" value=next.map(String::from)/>
                <SubmitButton label="Sign in" busy_label="Signing in…" pending=state.pending/>
            </ActionForm>
            <p class="aside">"New here? "<a href=register>"Create an account"</a></p>
        </EntryLayout>
    }
}
