use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Creates an account and signs it in, or asks to open the link in a mail.
#[server(name = Register, prefix = "/api", endpoint = "register")]
pub async fn register(
    name: String,
    email: String,
    password: PasswordInput,
    next: Option<String>,
    invitation: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts::{self, Registered, Registration},
        function::{rejected, require, return_to},
    };
    let caller = require::<Register>()?;
    let registration = Registration { name, email, password: password.into(), invitation };
    match accounts::register(&caller, &registration).await {
        Ok(Registered::SignedIn) => {
            Ok(FormOutcome::accepted_to(return_to(&caller, next.as_deref())).signed_in())
        }
        Ok(Registered::MailSent) => Ok(FormOutcome::accepted("/register?sent=1")),
        Err(error) => rejected(error),
    }
}
