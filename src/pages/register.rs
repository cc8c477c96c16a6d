use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Register,
    components::{Notice, NoticeIcon, ReturnToField, TextField, link_with_return},
    islands::{Form, NewPasswordField},
    model::AppError,
    pages::PageRequest,
    words,
};

/// `/register`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let no_cookie = request.no_cookie_notice();
    let login = link_with_return(next.as_ref(), "/login");
    Ok(view! {
        <h1>{words::register::TITLE}</h1>
        <p class="lead">{words::register::LEAD}</p>
        {no_cookie.map(|text| view! { <Notice text icon=NoticeIcon::Door/> })}
        <Form function=Register::PATH submit=words::register::SUBMIT busy=words::register::BUSY>
            <TextField name="name" label=words::fields::NAME autocomplete="name"/>
            <TextField name="email" label=words::fields::EMAIL kind="email" autocomplete="username"/>
            <NewPasswordField name="password" label=words::fields::PASSWORD/>
            <ReturnToField next/>
        </Form>
        <p class="aside">{words::register::HAS_ACCOUNT}<a href=login>{words::login::TITLE}</a></p>
    })
}
