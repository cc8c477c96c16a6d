use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Asks for a link to choose a new password.
#[server(name = ForgotPassword, prefix = "/api", endpoint = "forgot_password")]
pub async fn forgot_password(email: String) -> Result<FormOutcome, AppError> {
    use crate::server::{
        accounts,
        function::{rejected, require},
    };
    let caller = require::<ForgotPassword>()?;
    match accounts::forgot_password(&caller, &email).await {
        Ok(()) => Ok(FormOutcome::accepted("/forgot-password?sent=1")),
        Err(error) => rejected(error),
    }
}
