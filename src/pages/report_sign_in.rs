use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ReportSignIn,
    components::TokenField,
    islands::Form,
    model::AppError,
    pages::{InvalidLink, PageRequest},
    server::accounts,
    words,
};

/// `/report-sign-in`, to which "This wasn't me" in the mail about a new device leads.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let token = request.link.clone().unwrap_or_default();
    if !accounts::lookup_report(&request.caller, &token).await? {
        return Ok(view! { <InvalidLink/> }.into_any());
    }
    let page = view! {
        <h1>{words::report_sign_in::TITLE}</h1>
        <p class="lead">{words::report_sign_in::LEAD}</p>
        <Form function=ReportSignIn::PATH submit=words::report_sign_in::SUBMIT
            busy=words::report_sign_in::BUSY>
            <TokenField name="token" token/>
        </Form>
    };
    Ok(page.into_any())
}
