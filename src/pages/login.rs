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
    let ended = request.end_reason().and_then(words::end_reason);
    let register = link_with_return(next.as_ref(), "/register");
    Ok(view! {
        <h1>"Sign in"</h1>
        <p class="lead">"Good to see you again."</p>
        {ended.map(|text| view! { <Notice text icon=NoticeIcon::Door/> })}
        <Form function=SignIn::PATH submit="Sign in" busy="Signing in…">
            <TextField name="email" label="Email" kind="email" autocomplete="username"/>
            <PasswordField name="password" label="Password" autocomplete="current-password"/>
            <Checkbox name="remember" label="Keep me signed in"/>
            <ReturnToField next/>
        </Form>
        <p class="aside">"New here? "<a href=register>"Create an account"</a></p>
    })
}
