use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Asks for the deletion of the account, and signs out everywhere.
#[server(name = DeleteAccount, prefix = "/api", endpoint = "delete_account")]
pub async fn delete_account(confirmation: String) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts,
        function::{rejected, require},
    };
    let caller = require::<DeleteAccount>()?;
    match accounts::delete_account(&caller, &confirmation).await {
        Ok(()) => Ok(FormOutcome::accepted("/login")),
        Err(error) => rejected(error),
    }
}
