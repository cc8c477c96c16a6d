//! Authenticating again by password.

use secrecy::{ExposeSecret, SecretString};

use super::{
    email::Email,
    problems::{AccountError, Problems},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::{MAX_PASSWORD_LENGTH, Verification},
        db::accounts,
        domain::AccountId,
        error::ServerError,
        limits::Attempt,
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

/// Ends an attempt by what comparing the password has led to; `None` if it could not be compared. If it was wrong,
/// the attempt stays counted.
pub async fn end_attempt(caller: &Caller, attempt: Attempt, email_key: &str, is_correct: Option<bool>) {
    match is_correct {
        Some(true) => caller.state.limits.succeeded(attempt, email_key, &caller.devices).await,
        Some(false) => {}
        None => caller.state.limits.give_back(attempt).await,
    }
}

/// Compares a password with that of the account that is signed in. `refusal` is recorded if it is wrong.
///
/// # Errors
/// If it is wrong (then `field` says so), there were too many attempts, no one is signed in any more, or the
/// database or the hasher fails.
pub async fn authenticate(
    caller: &Caller,
    field: &'static str,
    password: &SecretString,
    refusal: SecurityEventKind,
) -> Result<Authentication, AccountError> {
    check_length(password).map_err(|problem| Problems::of_field(field, problem))?;
    let account = caller.account()?;
    let email_key = Email::parse(&account.email).map_or_else(|_| account.email.clone(), |email| email.key);
    let (address, devices) = (caller.session.client().address, &caller.devices);
    let attempt = caller.state.limits.check_confirm(address, &account.id, &email_key, devices).await?;
    let compared = compare(caller, &account.id, password).await;
    let is_correct = compared.as_ref().ok().map(Option::is_some);
    end_attempt(caller, attempt, &email_key, is_correct).await;
    match compared? {
        Some(authentication) => Ok(authentication),
        None => {
            caller.record(refusal, Some(account.id.clone())).await?;
            Err(Problems::of_field(field, Problem::Wrong).into())
        }
    }
}

/// `None` if the password is wrong.
async fn compare(
    caller: &Caller,
    account: &AccountId,
    password: &SecretString,
) -> Result<Option<Authentication>, ServerError> {
    let found = accounts::with_password_hash(&caller.state.db, account).await?;
    let (account, hash) = found.unzip();
    let verification = caller.state.hasher.verify(password, hash).await?;
    Ok(match (account, verification) {
        (Some(account), Verification::Correct { .. }) => {
            Some(Authentication { method: Method::Password, credential_version: account.credential_version })
        }
        _ => None,
    })
}
