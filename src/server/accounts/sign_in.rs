use secrecy::SecretString;

use super::{
    email::Email,
    password,
    problems::{AccountError, Problems},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::{Priority, Verification},
        db::accounts,
        domain::{AccountId, error_chain},
        error::ServerError,
        sessions::{Authentication, Identity, Method},
    },
    words::Problem,
};

/// What was entered.
#[derive(Debug)]
pub struct Credentials {
    pub email: String,
    pub password: SecretString,
    /// "Keep me signed in" was chosen.
    pub remember: bool,
}

/// Signs in with email and password. Neither the answer nor its time tells whether the account exists
/// (ASVS 6.3.8), nor does a limit.
///
/// # Errors
/// If the credentials are incorrect, there were too many attempts, or the database, the session store or the
/// hasher fails; no one is signed in then.
pub async fn sign_in(caller: &Caller, credentials: &Credentials) -> Result<(), AccountError> {
    let identity = authenticate(caller, credentials).await?;
    Ok(caller.session.sign_in(identity).await?)
}

/// The identity of the person who has these credentials.
///
/// # Errors
/// As [`sign_in`].
pub(super) async fn authenticate(
    caller: &Caller,
    credentials: &Credentials,
) -> Result<Identity, AccountError> {
    let email = check(credentials)?;
    let (address, devices) = (caller.session.client().address, &caller.devices);
    let attempt = caller.state.limits.check_sign_in(address, &email.key, devices).await?;
    let priority = password::priority_of(&attempt);
    let compared = compare(caller, &email, credentials, priority).await;
    let is_correct = compared.as_ref().ok().map(|comparison| matches!(comparison, Comparison::Correct(_)));
    password::end_attempt(caller, attempt, &email.key, is_correct).await;
    match compared? {
        Comparison::Correct(identity) => Ok(identity),
        Comparison::Wrong(account) => {
            // Recorded for unknown accounts too: it takes as long.
            caller.record(SecurityEventKind::SignInRefused, account).await?;
            Err(Problems::general(Problem::IncorrectCredentials).into())
        }
    }
}

enum Comparison {
    Correct(Identity),
    /// With the account that has this email address.
    Wrong(Option<AccountId>),
}

async fn compare(
    caller: &Caller,
    email: &Email,
    credentials: &Credentials,
    priority: Priority,
) -> Result<Comparison, ServerError> {
    let state = &caller.state;
    let found = accounts::by_emails(&state.db, email.keys()).await?;
    let stored = found.as_ref().map(|(_, hash)| hash.clone());
    let verification = state.hasher.verify(&credentials.password, stored, priority).await?;
    let (Some((account, stored)), Verification::Correct { upgraded }) = (&found, verification) else {
        return Ok(Comparison::Wrong(found.map(|(account, _)| account.id)));
    };
    if let Some(upgraded) = upgraded {
        // The next sign-in tries again; no reason to refuse this one.
        if let Err(error) = accounts::upgrade_hash(&state.db, &account.id, stored, &upgraded).await {
            tracing::warn!(cause = %error_chain(&error), "a password hash could not be upgraded");
        }
    }
    // If the password is changed at this moment, the session has an outdated version and is over.
    let authentication =
        Authentication { method: Method::Password, credential_version: account.credential_version };
    let (account, remembered) = (account.id.clone(), credentials.remember);
    Ok(Comparison::Correct(Identity { account, authentication, remembered }))
}

fn check(credentials: &Credentials) -> Result<Email, Problems> {
    let mut problems = Problems::default();
    let email = problems.check("email", Email::parse_existing(&credentials.email));
    problems.check("password", password::check_length(&credentials.password));
    problems.finish(email)
}
