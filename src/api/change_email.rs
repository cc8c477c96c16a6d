use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Asks for another email address of the account.
#[server(name = ChangeEmail, prefix = "/api", endpoint = "change_email")]
pub async fn change_email(email: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts,
            function::{rejected, require},
        },
        words::{self, Notice},
    };
    let caller = require::<ChangeEmail>()?;
    match accounts::change_email(&caller, &email).await {
        Ok(()) => {
            caller.session.set_flash(words::notice(Notice::EmailChangeSent)).await?;
            Ok(FormOutcome::accepted("/account"))
        }
        Err(error) => rejected(error),
    }
}

/// Brings the email address before a change back, and leads to choosing a new password.
#[server(name = UndoEmailChange, prefix = "/api", endpoint = "undo_email_change")]
pub async fn undo_email_change(token: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts,
            function::{rejected, require, reset_page},
        },
        words::{self, Notice},
    };
    let caller = require::<UndoEmailChange>()?;
    match accounts::undo_email_change(&caller, &token).await {
        Ok(reset) => {
            caller.session.set_flash(words::notice(Notice::EmailChangeUndone)).await?;
            Ok(reset_page(&reset))
        }
        Err(error) => rejected(error),
    }
}
