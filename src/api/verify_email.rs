use leptos::prelude::*;

use crate::model::{AppError, FormOutcome};

/// Does what the link in a mail is for: makes an account, or confirms its address.
#[server(name = VerifyEmail, prefix = "/api", endpoint = "verify_email")]
pub async fn verify_email(token: String) -> Result<FormOutcome, AppError> {
    use crate::{
        server::{
            accounts::{self, Verification},
            function::{rejected, require},
        },
        words::{self, Notice},
    };
    let caller = require::<VerifyEmail>()?;
    let done = match accounts::verify_email(&caller, &token).await {
        Ok(done) => done,
        Err(error) => return rejected(error),
    };
    let notice = match done {
        Verification::AccountCreated => Notice::AccountReady,
        Verification::EmailVerified => Notice::EmailVerified,
        Verification::EmailChanged => Notice::EmailChanged,
    };
    caller.session.set_flash(words::notice(notice)).await?;
    Ok(FormOutcome::accepted("/login"))
}

/// Sends another link to confirm the address of the account.
#[server(name = ResendVerification, prefix = "/api", endpoint = "resend_verification")]
pub async fn resend_verification() -> Result<FormOutcome, AppError> {
    use crate::{
        server::{accounts, function::require},
        words::{self, Notice},
    };
    let caller = require::<ResendVerification>()?;
    accounts::resend_verification(&caller).await?;
    caller.session.set_flash(words::notice(Notice::VerificationSent)).await?;
    Ok(FormOutcome::accepted("/"))
}
