use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// "This wasn't me": ends the session of a sign-in, and leads to choosing a new password.
#[server(name = ReportSignIn, prefix = "/api", endpoint = "report_sign_in")]
pub async fn report_sign_in(token: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts,
            function::{rejected, require, reset_page},
        },
        words::{self, Notice},
    };
    let caller = require::<ReportSignIn>()?;
    match accounts::report_sign_in(&caller, &token).await {
        Ok(reset) => {
            caller.session.set_flash(words::notice(Notice::SignInReported)).await?;
            Ok(reset_page(&reset))
        }
        Err(error) => rejected(error),
    }
}
