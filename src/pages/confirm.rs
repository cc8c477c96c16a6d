use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Confirm,
    components::{ReturnToField, UsernameField},
    islands::{Form, PasswordField},
    model::AppError,
    pages::PageRequest,
};

/// `/confirm`: step-up, re-authentication before something sensitive.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let email = request.account()?.email.clone();
    Ok(view! {
        <h1>"Confirm that it is you"</h1>
        <p class="lead">"What you are about to do asks for your password, since you signed in a while ago."</p>
        <Form function=Confirm::PATH submit="Confirm" busy="Confirming…" class="stack card narrow">
            <UsernameField email/>
            <PasswordField name="password" label="Password" autocomplete="current-password"/>
            <ReturnToField next/>
        </Form>
    })
}
