use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::SignIn,
    components::{Checkbox, Notice, NoticeIcon, ReturnToField, TextField, link_with_return},
    islands::{Form, PasswordField},
    model::AppError,
    pages::PageRequest,
    words,
};

/// `/login`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let no_cookie = request.no_cookie_notice();
    let ended = request.end_reason().and_then(words::end_reason);
    let register = link_with_return(next.as_ref(), "/register");
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
        <p class="aside">{words::login::NO_ACCOUNT}<a href=register>{words::register::TITLE}</a></p>
    })
}
