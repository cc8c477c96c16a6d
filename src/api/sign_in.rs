use leptos::prelude::*;

use crate::{
    model::{AppError, FormOutcome},
    password_input::PasswordInput,
};

/// Signs in with email and password; `remember` is a checkbox, present when ticked.
#[server(name = SignIn, prefix = "/api", endpoint = "sign_in")]
pub async fn sign_in(
    email: String,
    password: PasswordInput,
    remember: Option<String>,
    next: Option<String>,
) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts::{self, Credentials, SignedIn},
            function::{rejected, require, return_to},
        },
        words::{self, Notice},
    };
    let caller = require::<SignIn>()?;
    let credentials = Credentials { email, password: password.into(), remember: remember.is_some() };
    match accounts::sign_in(&caller, &credentials).await {
        Ok(SignedIn { password_is_common: true, .. }) => {
            caller.session.set_flash(words::notice(Notice::PasswordIsCommon)).await?;
            Ok(FormOutcome::accepted("/account/security"))
        }
        Ok(SignedIn { restored, .. }) => {
            if restored {
                caller.session.set_flash(words::notice(Notice::AccountRestored)).await?;
            }
            Ok(FormOutcome::accepted_to(return_to(&caller, next.as_deref())))
        }
        Err(error) => rejected(error),
    }
}
