use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::Register,
    components::{ReturnToField, TextField, link_with_return},
    islands::{Form, NewPasswordField},
    model::AppError,
    pages::PageRequest,
};

/// `/register`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let next = request.return_to();
    let login = link_with_return(next.as_ref(), "/login");
    Ok(view! {
        <h1>"Create an account"</h1>
        <p class="lead">"It takes a minute."</p>
        <Form function=Register::PATH submit="Create account" busy="Creating your account…">
            <TextField name="name" label="Name" autocomplete="name"/>
            <TextField name="email" label="Email" kind="email" autocomplete="username"/>
            <NewPasswordField name="password" label="Password"/>
            <ReturnToField next/>
        </Form>
        <p class="aside">"Already have an account? "<a href=login>"Sign in"</a></p>
    })
}
