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
        credentials::{
            Context, MAX_PASSWORD_LENGTH, PasswordError, Priority, Verification, check_new_password,
        },
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

/// Who waits for the password of an attempt to be hashed.
pub fn priority_of(attempt: &Attempt) -> Priority {
    if attempt.is_before_strangers() { Priority::Known } else { Priority::Stranger }
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
/// If it is wrong (then `field` says so), there were too many attempts, no one is signed in any more, or the
/// database or the hasher fails.
pub async fn authenticate(
    caller: &Caller,
    field: &'static str,
    password: &SecretString,
    refusal: SecurityEventKind,
) -> Result<Authentication, AccountError> {
    match compare(caller, field, password).await?.authentication {
        Some(authentication) => Ok(authentication),
        None => Err(refuse(caller, field, refusal).await),
    }
}

/// A password was compared.
#[derive(Debug)]
pub struct Comparison {
    /// `None` if it was wrong.
    pub authentication: Option<Authentication>,
    /// For what else is to be hashed because of it.
    pub priority: Priority,
}

/// Compares a password with that of the account that is signed in.
///
/// # Errors
/// If it cannot be a password (then `field` says so), there were too many attempts, no one is signed in any more,
/// or the database or the hasher fails.
pub async fn compare(
    caller: &Caller,
    field: &'static str,
    password: &SecretString,
) -> Result<Comparison, AccountError> {
    check_length(password).map_err(|problem| Problems::of_field(field, problem))?;
    let account = caller.account()?;
    let email_key = Email::key_of(&account.email);
    let (address, devices) = (caller.session.client().address, &caller.devices);
    let attempt = caller.state.limits.check_confirm(address, &account.id, &email_key, devices).await?;
    let priority = priority_of(&attempt);
    let compared = verify(caller, &account.id, password, priority).await;
    let is_correct = compared.as_ref().ok().map(Option::is_some);
    end_attempt(caller, attempt, &email_key, is_correct).await;
    Ok(Comparison { authentication: compared?, priority })
}

/// `None` if the password is wrong.
async fn verify(
    caller: &Caller,
    account: &AccountId,
    password: &SecretString,
    priority: Priority,
) -> Result<Option<Authentication>, ServerError> {
    let found = accounts::by_id(&caller.state.db, account).await?;
    let hash = found.as_ref().map(|stored| stored.password_hash.clone());
    let verification = caller.state.hasher.verify(password, hash, priority).await?;
    let is_correct = matches!(verification, Verification::Correct { .. });
    Ok(found.filter(|stored| is_correct && !stored.password_is_blocked).map(|stored| Authentication {
        method: Method::Password,
        credential_version: stored.account.credential_version,
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
