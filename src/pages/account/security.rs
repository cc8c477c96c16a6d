use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangePassword,
    components::UsernameField,
    islands::{Form, NewPasswordField, PasswordField},
    model::AppError,
    pages::PageRequest,
    words,
};

/// `/account/security`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let email = request.account()?.email.clone();
    Ok(view! {
        <h1>{words::security::TITLE}</h1>
        <section class="card narrow" aria-labelledby="change-password">
            <h2 id="change-password">{words::security::CHANGE_PASSWORD}</h2>
            <p class="hint">{words::security::HINT}</p>
            <Form function=ChangePassword::PATH submit=words::security::SUBMIT busy=words::security::BUSY>
                <UsernameField email/>
                <PasswordField name="current_password" label=words::fields::CURRENT_PASSWORD
                    autocomplete="current-password"/>
                <NewPasswordField name="new_password" label=words::fields::NEW_PASSWORD/>
            </Form>
        </section>
    })
}
