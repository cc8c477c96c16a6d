use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Step-up by password.
#[server(name = Confirm, prefix = "/api", endpoint = "confirm")]
pub async fn confirm(password: PasswordInput, next: Option<String>) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts,
        function::{rejected, require, resume, return_to},
    };
    let caller = require::<Confirm>()?;
    match accounts::confirm(&caller, &password.into()).await {
        Ok(()) => {
            let next = return_to(&caller, next.as_deref());
            resume(&caller, next.as_ref()).await?;
            Ok(FormOutcome::accepted_to(next))
        }
        Err(error) => rejected(error),
    }
}
