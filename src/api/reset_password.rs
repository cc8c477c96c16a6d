use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Sets a new password, by the link in a mail.
#[server(name = ResetPassword, prefix = "/api", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: PasswordInput) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts,
            function::{rejected, require},
        },
        words::{self, Notice},
    };
    let caller = require::<ResetPassword>()?;
    match accounts::reset_password(&caller, &token, &password.into()).await {
        Ok(()) => {
            caller.session.set_flash(words::notice(Notice::PasswordReset)).await?;
            Ok(FormOutcome::accepted("/login"))
        }
        Err(error) => rejected(error),
    }
}
