use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Confirm,
    components::{ReturnToField, UsernameField},
    islands::{Form, PasswordField},
    model::AppError,
    pages::PageRequest,
    words,
};

/// `/confirm`: step-up, re-authentication before something sensitive.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let email = request.account()?.email.clone();
    Ok(view! {
        <h1>{words::confirm::TITLE}</h1>
        <p class="lead">{words::confirm::LEAD}</p>
        <Form function=Confirm::PATH submit=words::confirm::SUBMIT busy=words::confirm::BUSY
            class="stack card narrow">
            <UsernameField email/>
            <PasswordField name="password" label=words::fields::PASSWORD autocomplete="current-password"/>
            <ReturnToField next/>
        </Form>
    })
}
