use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::SignIn,
    components::{Checkbox, Notice, NoticeIcon, ReturnToField, TextField, link_with_return},
    islands::{Form, PasswordField},
    model::AppError,
    pages::{LAST_MAIL, PageRequest},
    server::config::RegistrationPolicy,
    words,
};

/// `/login`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let no_cookie = request.no_cookie_notice();
    let ended = request.end_reason().and_then(words::end_reason);
    let register = (request.caller.state.config.registration.policy == RegistrationPolicy::Open)
        .then(|| link_with_return(next.as_ref(), "/register"));
    let mailer = &request.caller.state.mailer;
    let outbox = mailer.is_shown().then(|| {
        let folder = request.caller.state.config.data_dir.join("outbox").display().to_string();
        view! { <Outbox folder has_mail=mailer.last().is_some()/> }
    });
    Ok(view! {
        <h1>{words::login::TITLE}</h1>
        <p class="lead">{words::login::LEAD}</p>
        {no_cookie.map(|text| view! { <Notice text icon=NoticeIcon::Door/> })}
        {ended.map(|text| view! { <Notice text icon=NoticeIcon::Door/> })}
        <Form function=SignIn::PATH submit=words::login::SUBMIT busy=words::login::BUSY>
            <TextField name="email" label=words::fields::EMAIL kind="email" autocomplete="username"/>
            <PasswordField name="password" label=words::fields::PASSWORD autocomplete="current-password"/>
            <Checkbox name="remember" label=words::login::KEEP_SIGNED_IN/>
            <ReturnToField next/>
        </Form>
        <p class="aside"><a href="/forgot-password">{words::login::FORGOT}</a></p>
        {register.map(|register| view! {
            <p class="aside">{words::login::NO_ACCOUNT}<a href=register>{words::register::TITLE}</a></p>
        })}
        {outbox}
    })
}

/// In development: where mails are.
#[component]
fn Outbox(folder: String, has_mail: bool) -> impl IntoView {
    let [before, after] = words::login::OUTBOX;
    let last = has_mail.then(|| view! { <a href=LAST_MAIL>{words::login::LAST_MAIL}</a> });
    view! { <p class="aside hint">{before}<code>{folder}</code>{after}{last}</p> }
}
