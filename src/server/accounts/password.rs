//! Authenticating again by password.

use secrecy::{ExposeSecret, SecretString};

use super::problems::{AccountError, Problems};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::{
            Context, MAX_PASSWORD_LENGTH, PasswordError, Priority, Verification, check_new_password,
        },
        db::accounts,
        sessions::{Authentication, Method},
    },
    words::Problem,
};

/// Checks a password before it is compared.
///
/// # Errors
/// What is wrong with it.
pub fn check_length(password: &SecretString) -> Result<(), Problem> {
    // No password is longer, so a longer one need not be hashed. (Four characters may become one in NFC.)
    let max = usize::from(MAX_PASSWORD_LENGTH) * 4;
    match password.expose_secret() {
        "" => Err(Problem::Missing),
        text if text.chars().count() > max => Err(Problem::TooLong(MAX_PASSWORD_LENGTH)),
        _ => Ok(()),
    }
}

/// What is wrong with a password that is to be that of an account with this name and email address.
///
/// # Errors
/// If too many others are waiting.
pub async fn check_new(
    caller: &Caller,
    password: &SecretString,
    name: &str,
    email: &str,
    priority: Priority,
) -> Result<Option<Problem>, PasswordError> {
    let context = Context { name, email, host: caller.state.config.public_url.host() };
    check_new_password(&caller.state.hasher, password, context, priority).await
}

/// Compares a password with that of the account that is signed in. `refusal` is recorded if it is wrong.
///
/// # Errors
/// If it is wrong (then `field` says so), no one is signed in any more, or the database or the hasher
/// fails.
pub async fn authenticate(
    caller: &Caller,
    field: &'static str,
    password: &SecretString,
    refusal: SecurityEventKind,
) -> Result<Authentication, AccountError> {
    match compare(caller, field, password).await? {
        Some(authentication) => Ok(authentication),
        None => Err(refuse(caller, field, refusal).await),
    }
}

/// Compares a password with that of the account that is signed in; `None` if it is wrong.
///
/// # Errors
/// If it cannot be a password (then `field` says so), no one is signed in any more, or the database or the hasher
/// fails.
pub async fn compare(
    caller: &Caller,
    field: &'static str,
    password: &SecretString,
) -> Result<Option<Authentication>, AccountError> {
    check_length(password).map_err(|problem| Problems::of_field(field, problem))?;
    let found = accounts::with_password_hash(&caller.state.db, &caller.account()?.id).await?;
    let (account, hash) = found.unzip();
    let verification = caller.state.hasher.verify(password, hash, Priority::Known).await?;
    Ok(account.filter(|_| matches!(verification, Verification::Correct { .. })).map(|account| {
        Authentication { method: Method::Password, credential_version: account.credential_version }
    }))
}

/// Records a wrong password. Returns what `field` says about it.
pub async fn refuse(caller: &Caller, field: &'static str, refusal: SecurityEventKind) -> AccountError {
    let account = caller.account.as_ref().map(|account| account.id.clone());
    match caller.record(refusal, account).await {
        Ok(()) => Problems::of_field(field, Problem::Wrong).into(),
        Err(error) => error.into(),
    }
}
