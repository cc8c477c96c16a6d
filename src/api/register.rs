use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Creates an account and signs it in.
#[server(name = Register, prefix = "/api", endpoint = "register")]
pub async fn register(
    name: String,
    email: String,
    password: String,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts::{self, Registration},
        caller::require,
        form_outcome::rejected,
    };
    let caller = require::<Register>()?;
    let registration = Registration { name, email, password: password.into() };
    match accounts::register(&caller, &registration).await {
        Ok(()) => Ok(FormOutcome::accepted_to(caller.return_to(next.as_deref()))),
        Err(error) => rejected(error),
    }
}
