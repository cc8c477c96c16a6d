use crate::{
    model::{AppError, FormOutcome, Next},
    server::{forms, request::Caller},
};

/// Ends the session that asks; the answer comes once it is dead.
///
/// # Errors
/// If the session store fails; the person is still signed in then, and told so.
pub async fn sign_out(caller: &Caller) -> Result<FormOutcome, AppError> {
    caller.session.sign_out().await?;
    Ok(forms::accept(caller, Next::parse_or_home("/login")))
}
