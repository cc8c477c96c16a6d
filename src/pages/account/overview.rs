use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::{ChangeEmail, DeleteAccount, Rename},
    components::TextField,
    islands::Form,
    model::AppError,
    pages::{DATA, PageRequest},
    words,
};

/// `/account`: name, email address, data, and leaving.
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let account = request.account()?;
    let (name, email) = (account.name.clone(), account.email.clone());
    let [before, after] = words::account::SIGNED_IN_AS;
    let [delete_before, delete_after] = words::account::DELETE_HINT;
    let step_up = !request.caller.recently_authenticated;
    let step_up_hint = move || step_up.then(|| view! { <p class="hint">{words::confirm::HINT}</p> });
    Ok(view! {
        <h1>{words::account::TITLE}</h1>
        <p class="lead">{before}<bdi>{email.clone()}</bdi>{after}</p>
        <section class="card narrow" aria-labelledby="your-name">
            <h2 id="your-name">{words::account::YOUR_NAME}</h2>
            <Form function=Rename::PATH submit=words::account::SUBMIT busy=words::account::BUSY>
                <TextField name="name" label=words::fields::NAME autocomplete="name" value=name/>
            </Form>
        </section>
        <section class="card narrow" aria-labelledby="change-email">
            <h2 id="change-email">{words::account::CHANGE_EMAIL}</h2>
            <p class="hint">{words::account::CHANGE_EMAIL_HINT}</p>
            {step_up_hint()}
            <Form function=ChangeEmail::PATH submit=words::account::CHANGE_EMAIL
                busy=words::account::CHANGE_EMAIL_BUSY>
                <TextField name="email" label=words::fields::NEW_EMAIL kind="email" autocomplete="email"/>
            </Form>
        </section>
        <section class="card narrow" aria-labelledby="your-data">
            <h2 id="your-data">{words::account::DATA}</h2>
            <p class="hint">{words::account::DATA_HINT}</p>
            {step_up_hint()}
            <p><a class="button quiet" href=DATA data-download>{words::account::DOWNLOAD}</a></p>
        </section>
        <section class="card narrow" aria-labelledby="delete-account">
            <h2 id="delete-account">{words::account::DELETE}</h2>
            <p class="hint">{delete_before}<strong><bdi>{email}</bdi></strong>{delete_after}</p>
            {step_up_hint()}
            <Form function=DeleteAccount::PATH submit=words::account::DELETE busy=words::account::DELETE_BUSY
                button="danger">
                <TextField name="confirmation" label=words::fields::CONFIRMATION kind="email"/>
            </Form>
        </section>
    })
}
