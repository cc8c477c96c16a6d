use leptos::{prelude::*, server_fn::ServerFn};

use crate::{api::Rename, components::TextField, islands::Form, model::AppError, pages::PageRequest, words};

/// `/account`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let account = request.account()?;
    let (name, email) = (account.name.clone(), account.email.clone());
    let [before, after] = words::account::SIGNED_IN_AS;
    Ok(view! {
        <h1>{words::account::TITLE}</h1>
        <p class="lead">{before}<bdi>{email}</bdi>{after}</p>
        <Form function=Rename::PATH submit=words::account::SUBMIT busy=words::account::BUSY
            class="stack card narrow">
            <TextField name="name" label=words::fields::NAME autocomplete="name" value=name/>
        </Form>
    })
}
