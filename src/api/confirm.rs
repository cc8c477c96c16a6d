use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Step-up by password.
#[server(name = Confirm, prefix = "/api", endpoint = "confirm")]
pub async fn confirm(password: String, next: Option<String>) -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, caller::require, form_outcome::rejected};
    let caller = require::<Confirm>()?;
    match accounts::confirm(&caller, &password.into()).await {
        Ok(()) => Ok(FormOutcome::accepted_to(caller.return_to(next.as_deref()))),
        Err(error) => rejected(error),
    }
}
