use leptos::{prelude::*, server_fn::ServerFn};

use crate::{api::Rename, components::TextField, islands::Form, model::AppError, pages::PageRequest};

/// `/account`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let account = request.account()?;
    let (name, email) = (account.name.clone(), account.email.clone());
    Ok(view! {
        <h1>"Account"</h1>
        <p class="lead">"Signed in as "<bdi>{email}</bdi>"."</p>
        <Form function=Rename::PATH submit="Change name" busy="Changing your name…" class="stack card narrow">
            <TextField name="name" label="Name" autocomplete="name" value=name/>
        </Form>
    })
}
