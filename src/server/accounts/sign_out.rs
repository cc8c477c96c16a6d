use crate::{
    model::{AppError, FormOutcome, ReturnTo},
    server::request::Caller,
};

/// Ends the session that asks; the answer comes once it is dead.
///
/// # Errors
/// If the session store fails; the person is still signed in then, and told so.
pub async fn sign_out(caller: &Caller) -> Result<FormOutcome, AppError> {
    caller.session.sign_out().await?;
    Ok(caller.accept(ReturnTo::page("/login")))
}
