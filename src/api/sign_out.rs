use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Ends this session. Its form is not enhanced by an island: signing out is a full document load, so
/// that nothing private stays in memory.
#[server(name = SignOut, prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, function::require};
    let caller = require::<SignOut>()?;
    accounts::sign_out(&caller).await?;
    Ok(FormOutcome::accepted("/login"))
}
