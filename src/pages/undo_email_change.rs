use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::UndoEmailChange,
    components::TokenField,
    islands::Form,
    model::AppError,
    pages::{InvalidLink, PageRequest},
    server::accounts,
    words,
};

/// `/undo-email-change`, to which the link in the mail to the old address leads.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let token = request.link.clone().unwrap_or_default();
    let Some(email) = accounts::lookup_undo(&request.caller, &token).await? else {
        return Ok(view! { <InvalidLink/> }.into_any());
    };
    let [before, after] = words::undo_email_change::LEAD;
    let page = view! {
        <h1>{words::undo_email_change::TITLE}</h1>
        <p class="lead">{before}<bdi>{email}</bdi>{after}</p>
        <Form function=UndoEmailChange::PATH submit=words::undo_email_change::SUBMIT
            busy=words::undo_email_change::BUSY>
            <TokenField name="token" token/>
        </Form>
    };
    Ok(page.into_any())
}
