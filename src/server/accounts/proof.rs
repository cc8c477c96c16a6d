//! Proving again who one is.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    server::{
        credentials::{MAX_PASSWORD_LENGTH, Verification},
        db::accounts,
        error::ServerError,
        request::Caller,
        sessions::{Method, Proof},
    },
    words::Problem,
};

/// What is wrong with a password before it is compared with any.
///
/// # Errors
/// What is wrong.
pub fn check_typed(password: &SecretString) -> Result<(), Problem> {
    // Nobody has a password as long, so it need not be hashed to know. (Four characters may become
    // one in NFC.)
    let most = usize::from(MAX_PASSWORD_LENGTH) * 4;
    match password.expose_secret() {
        "" => Err(Problem::Missing),
        text if text.chars().count() > most => Err(Problem::TooLong(MAX_PASSWORD_LENGTH)),
        _ => Ok(()),
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
    if let Err(problem) = check_typed(password) {
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
