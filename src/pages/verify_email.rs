use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::VerifyEmail,
    components::TokenField,
    islands::Form,
    model::AppError,
    pages::{InvalidLink, PageRequest},
    server::accounts::{self, Verification},
    words,
};

/// `/verify-email`, to which the link in a mail leads. Programs that look into mails follow links, so only the button
/// changes something.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let token = request.link.clone().unwrap_or_default();
    let Some((what, email)) = accounts::lookup_verification(&request.caller, &token).await? else {
        return Ok(view! { <InvalidLink/> }.into_any());
    };
    let (title, hint) = match what {
        Verification::AccountCreated => (words::verify_email::CREATE, Some(words::verify_email::CREATE_HINT)),
        Verification::EmailVerified => (words::verify_email::TITLE, None),
        Verification::EmailChanged => (words::verify_email::CHANGE, None),
    };
    let page = view! {
        <h1>{title}</h1>
        <p class="lead">{words::verify_email::LEAD}<bdi>{email}</bdi></p>
        {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        <Form function=VerifyEmail::PATH submit=words::verify_email::SUBMIT busy=words::verify_email::BUSY>
            <TokenField name="token" token/>
        </Form>
    };
    Ok(page.into_any())
}
