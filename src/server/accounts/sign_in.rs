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
        domain::error_chain,
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
/// (ASVS 6.3.8).
///
/// # Errors
/// If the credentials are incorrect, or the database, the session store or the hasher fails; no one is
/// signed in then.
pub async fn sign_in(caller: &Caller, credentials: &Credentials) -> Result<(), AccountError> {
    let identity = authenticate(caller, credentials).await?;
    Ok(caller.session.sign_in(identity).await?)
}

/// The identity of whoever has these credentials.
///
/// # Errors
/// As [`sign_in`].
pub(super) async fn authenticate(
    caller: &Caller,
    credentials: &Credentials,
) -> Result<Identity, AccountError> {
    let email = check(credentials)?;
    let state = &caller.state;
    let found = accounts::by_emails(&state.db, email.keys()).await?;
    let stored = found.as_ref().map(|(_, hash)| hash.clone());
    let verification = state.hasher.verify(&credentials.password, stored, Priority::Stranger).await?;
    let (Some((account, stored)), Verification::Correct { upgraded }) = (&found, verification) else {
        // Recorded for unknown accounts too: it takes as long.
        let account = found.map(|(account, _)| account.id);
        caller.record(SecurityEventKind::SignInRefused, account).await?;
        return Err(Problems::general(Problem::IncorrectCredentials).into());
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
    Ok(Identity { account: account.id.clone(), authentication, remembered: credentials.remember })
}

fn check(credentials: &Credentials) -> Result<Email, Problems> {
    let mut problems = Problems::default();
    let email = problems.check("email", Email::parse_existing(&credentials.email));
    problems.check("password", password::check_length(&credentials.password));
    problems.finish(email)
}
