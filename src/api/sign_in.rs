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
        Ok(SignedIn { password_is_common, restored }) => {
            let notices = [
                restored.then_some(Notice::AccountRestored),
                password_is_common.then_some(Notice::PasswordIsCommon),
            ];
            let notices: Vec<_> = notices.into_iter().flatten().map(words::notice).collect();
            if !notices.is_empty() {
                caller.session.set_flash(notices.join(" ")).await?;
            }
            let accepted = match password_is_common {
                true => FormOutcome::accepted("/account/security"),
                false => FormOutcome::accepted_to(return_to(&caller, next.as_deref())),
            };
            Ok(accepted.signed_in())
        }
        Err(error) => rejected(error),
    }
}
