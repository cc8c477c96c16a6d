use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Ends this session. No island takes over its form: signing out is a full document load, so that
/// nothing private stays in memory.
#[server(name = SignOut, prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<FormOutcome, AppError> {
    use crate::server::{accounts, request};
    let caller = request::require::<SignOut>()?;
    accounts::sign_out(&caller).await
}
