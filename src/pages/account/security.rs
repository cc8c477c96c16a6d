use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::ChangePassword,
    components::UsernameField,
    islands::{Form, NewPasswordField, PasswordField},
    model::AppError,
    pages::PageRequest,
};

/// `/account/security`
pub async fn page(request: PageRequest) -> Result<impl IntoView, AppError> {
    let email = request.account()?.email.clone();
    Ok(view! {
        <h1>"Security"</h1>
        <section class="card narrow" aria-labelledby="change-password">
            <h2 id="change-password">"Change your password"</h2>
            <p class="hint">"You stay signed in here, and are signed out everywhere else."</p>
            <Form function=ChangePassword::PATH submit="Change password" busy="Changing your password…">
                <UsernameField email/>
                <PasswordField name="current_password" label="Current password" autocomplete="current-password"/>
                <NewPasswordField name="new_password" label="New password"/>
            </Form>
        </section>
    })
}
