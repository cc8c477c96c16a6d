use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ResetPassword,
    components::{TokenField, UsernameField},
    islands::{Form, NewPasswordField},
    model::AppError,
    pages::{InvalidLink, PageRequest},
    server::accounts,
    words,
};

/// `/reset-password`, to which the link in a mail leads.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let token = request.link.clone().unwrap_or_default();
    let Some(email) = accounts::lookup_reset(&request.caller, &token).await? else {
        return Ok(view! { <InvalidLink/> }.into_any());
    };
    let [before, after] = words::reset_password::LEAD;
    let page = view! {
        <h1>{words::reset_password::TITLE}</h1>
        <p class="lead">{before}<bdi>{email.clone()}</bdi>{after}</p>
        <Form function=ResetPassword::PATH submit=words::reset_password::SUBMIT
            busy=words::reset_password::BUSY>
            <UsernameField email/>
            <NewPasswordField name="password" label=words::fields::NEW_PASSWORD/>
            <TokenField name="token" token/>
        </Form>
    };
    Ok(page.into_any())
}
