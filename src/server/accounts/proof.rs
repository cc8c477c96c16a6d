//! Proving again who one is.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    model::{Method, PASSWORD_MOST, Problem},
    server::{credentials::Verification, db::accounts, error::ServerError, request::Caller, sessions::Proof},
};

/// What is wrong with a password before it is compared with any.
pub fn check_typed(password: &SecretString) -> Option<Problem> {
    // Nobody has a password as long, so it need not be hashed to know. (Four characters may become
    // one in NFC.)
    let most = usize::from(PASSWORD_MOST) * 4;
    match password.expose_secret() {
        "" => Some(Problem::Missing),
        text if text.chars().count() > most => Some(Problem::TooLong(PASSWORD_MOST)),
        _ => None,
    }
}

/// Compares a password with that of whoever is signed in.
///
/// # Errors
/// If nobody is signed in any more, or the database or the hasher fails.
pub async fn compare(
    caller: &Caller,
    password: &SecretString,
) -> Result<Result<Proof, Problem>, ServerError> {
    if let Some(problem) = check_typed(password) {
        return Ok(Err(problem));
    }
    let found = accounts::with_password_hash(&caller.state.db, &caller.account()?.id).await?;
    let (credentials, hash) = found.map(|(account, hash)| (account.credentials, hash)).unzip();
    let verification = caller.state.hasher.verify(password, hash).await?;
    Ok(match (credentials, verification) {
        (Some(credentials), Verification::Right { .. }) => {
            Ok(Proof { method: Method::Password, credentials })
        }
        _ => Err(Problem::Wrong),
    })
}
