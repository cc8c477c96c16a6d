use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ForgotPassword,
    components::TextField,
    islands::Form,
    model::AppError,
    pages::{MailSent, PageRequest},
    words,
};

/// `/forgot-password`; with `?sent=1` it says where to look.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    if request.query("sent").is_some() {
        return Ok(view! { <MailSent text=words::forgot_password::SENT/> }.into_any());
    }
    let page = view! {
        <h1>{words::forgot_password::TITLE}</h1>
        <p class="lead">{words::forgot_password::LEAD}</p>
        <Form function=ForgotPassword::PATH submit=words::forgot_password::SUBMIT
            busy=words::forgot_password::BUSY>
            <TextField name="email" label=words::fields::EMAIL kind="email" autocomplete="username"/>
        </Form>
        <p class="aside">{words::forgot_password::REMEMBERED}<a href="/login">{words::login::TITLE}</a></p>
    };
    Ok(page.into_any())
}
