use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Creates an account and signs it in.
#[server(name = Register, prefix = "/api", endpoint = "register")]
pub async fn register(
    name: String,
    email: String,
    password: PasswordInput,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts::{self, Registration},
        function::{rejected, require, return_to},
    };
    let caller = require::<Register>()?;
    let registration = Registration { name, email, password: password.into() };
    match accounts::register(&caller, &registration).await {
        Ok(()) => Ok(FormOutcome::accepted_to(return_to(&caller, next.as_deref()))),
        Err(error) => rejected(error),
    }
}
