use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Changes the password of the account, and ends its other sessions.
#[server(name = ChangePassword, prefix = "/api", endpoint = "change_password")]
pub async fn change_password(
    current_password: PasswordInput,
    new_password: PasswordInput,
) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts::{self, PasswordChange},
            function::{rejected, require},
        },
        words::{self, Notice},
    };
    let caller = require::<ChangePassword>()?;
    match accounts::change_password(&caller, &current_password.into(), &new_password.into()).await {
        Ok(change) => {
            let ended = match change {
                PasswordChange::Changed { ended } => Some(ended),
                PasswordChange::Repeated => Some(0),
                PasswordChange::SessionLost => None,
            };
            if let Some(ended) = ended {
                caller.session.set_flash(words::notice(Notice::PasswordChanged(ended))).await?;
            }
            Ok(FormOutcome::accepted("/account/security"))
        }
        Err(error) => rejected(error),
    }
}
