use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{
    email::Email,
    mails, password,
    problems::{AccountError, Problems},
};
use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        credentials::{Priority, Verification, is_common_password},
        db::{
            account_status,
            accounts::{self, StoredAccount},
            events,
        },
        domain::{AccountId, MailContent, NewMail, Timestamp, error_chain},
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

/// What the person should know after a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The password is on the list of common and breached ones.
    pub password_is_common: bool,
    /// The account was to be deleted, and is not any more.
    pub restored: bool,
}

/// Signs in with email and password. Neither the answer nor its time tells whether the account exists
/// (ASVS 6.3.8), nor does a limit.
///
/// # Errors
/// If the credentials are incorrect, the account is disabled, there were too many attempts, or the database, the
/// session store or the hasher fails; no one is signed in then.
pub async fn sign_in(caller: &Caller, credentials: &Credentials) -> Result<SignedIn, AccountError> {
    sign_in_after_registration(caller, credentials, Duration::ZERO).await
}

/// The same for the form that has perhaps just made the account, and was posted twice: within `grace` after that, the
/// browser is no new device.
///
/// # Errors
/// As [`sign_in`].
pub(super) async fn sign_in_after_registration(
    caller: &Caller,
    credentials: &Credentials,
    grace: Duration,
) -> Result<SignedIn, AccountError> {
    let authenticated = authenticate(caller, credentials).await?;
    let restored = restore(caller, &authenticated).await?;
    caller.session.sign_in(authenticated.identity.clone()).await?;
    if authenticated.is_new_device
        && caller.state.clock.now() >= authenticated.created_at + grace
        && let Err(error) = notify_of_new_device(caller, &authenticated).await
    {
        // The person is signed in.
        tracing::error!(cause = %error_chain(&error), "a sign-in on a new device could not be recorded");
    }
    Ok(SignedIn { password_is_common: authenticated.password_is_common, restored })
}

/// A person who has shown who they are.
#[derive(Clone, Debug)]
struct Authenticated {
    identity: Identity,
    email: String,
    created_at: Timestamp,
    is_to_be_deleted: bool,
    password_is_common: bool,
    /// The browser had not signed in to the account before.
    is_new_device: bool,
}

/// Who has these credentials.
///
/// # Errors
/// As [`sign_in`].
async fn authenticate(caller: &Caller, credentials: &Credentials) -> Result<Authenticated, AccountError> {
    let email = check(credentials)?;
    let (address, devices) = (caller.session.client().address, &caller.devices);
    let attempt = caller.state.limits.check_sign_in(address, &email.key, devices).await?;
    let priority = password::priority_of(&attempt);
    let compared = compare(caller, &email, credentials, priority).await;
    let is_correct = compared.as_ref().ok().map(|comparison| matches!(comparison, Comparison::Correct(_)));
    password::end_attempt(caller, attempt, &email.key, is_correct).await;
    match compared? {
        // Said only to those who know the password.
        Comparison::Correct(stored) if stored.disabled_at.is_some() => {
            caller.record(SecurityEventKind::SignInRefused, Some(stored.account.id)).await?;
            Err(Problems::general(Problem::AccountDisabled).into())
        }
        Comparison::Correct(stored) => {
            let password_is_common = mark_common_password(caller, &stored, credentials).await;
            // If the password is changed at this moment, the session has an outdated version and is over.
            let authentication = Authentication {
                method: Method::Password,
                credential_version: stored.account.credential_version,
            };
            let (account, remembered) = (stored.account.id, credentials.remember);
            Ok(Authenticated {
                identity: Identity { account, authentication, remembered },
                email: stored.account.email,
                created_at: stored.created_at,
                is_to_be_deleted: stored.delete_at.is_some(),
                password_is_common,
                is_new_device: devices.find(&email.key).is_none(),
            })
        }
        Comparison::Wrong(account) => {
            // Recorded for unknown accounts too: it takes as long.
            caller.record(SecurityEventKind::SignInRefused, account).await?;
            Err(Problems::general(Problem::IncorrectCredentials).into())
        }
    }
}

enum Comparison {
    Correct(StoredAccount),
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
    let hash = found.as_ref().map(|stored| stored.password_hash.clone());
    let verification = state.hasher.verify(&credentials.password, hash, priority).await?;
    let (Some(stored), Verification::Correct { upgraded }) = (&found, verification) else {
        return Ok(Comparison::Wrong(found.map(|stored| stored.account.id)));
    };
    if let Some(upgraded) = upgraded {
        let (id, old) = (&stored.account.id, &stored.password_hash);
        // The next sign-in tries again; no reason to refuse this one.
        if let Err(error) = accounts::upgrade_hash(&state.db, id, old, &upgraded).await {
            tracing::warn!(cause = %error_chain(&error), "a password hash could not be upgraded");
        }
    }
    Ok(match found {
        // Others know it: to them and to all, it is a wrong one.
        Some(stored) if stored.password_is_blocked => Comparison::Wrong(Some(stored.account.id)),
        found => found.map_or(Comparison::Wrong(None), Comparison::Correct),
    })
}

/// Remembers that a password has got onto the list of common and breached ones since it was chosen (ASVS 6.2.12).
async fn mark_common_password(caller: &Caller, stored: &StoredAccount, credentials: &Credentials) -> bool {
    let is_common = is_common_password(credentials.password.expose_secret());
    if is_common && !stored.password_is_common {
        let (id, version) = (&stored.account.id, stored.account.credential_version);
        if let Err(error) = accounts::mark_password_as_common(&caller.state.db, id, version).await {
            tracing::warn!(cause = %error_chain(&error), "a common password could not be noted");
        }
    }
    is_common
}

/// Keeps an account that was to be deleted; `false` if it was not.
async fn restore(caller: &Caller, authenticated: &Authenticated) -> Result<bool, AccountError> {
    if !authenticated.is_to_be_deleted {
        return Ok(false);
    }
    let account = &authenticated.identity.account;
    let mut transaction = caller.state.db.begin().await?;
    if !account_status::restore(&mut transaction, account, caller.state.clock.now()).await? {
        // Its time has come, and it is gone, or will be in a minute.
        return Err(Problems::general(Problem::IncorrectCredentials).into());
    }
    let event = caller.event(SecurityEventKind::AccountRestored, Some(account.clone()));
    events::append(&mut transaction, &event).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Records a sign-in on a new device, and tells the owner by mail, unless there were many such mails already.
async fn notify_of_new_device(caller: &Caller, authenticated: &Authenticated) -> Result<(), ServerError> {
    let (state, account) = (&caller.state, &authenticated.identity.account);
    let Some(session) = caller.session.stored() else { return Ok(()) };
    let is_told = state.limits.check_notice(account, "new device").await.is_ok();
    let mut transaction = state.db.begin().await?;
    events::append(&mut transaction, &caller.event(SecurityEventKind::NewDevice, Some(account.clone())))
        .await?;
    if is_told {
        let origin = caller.origin();
        let content = MailContent::NewDevice { origin, session: session.handle.to_string() };
        let (account, recipient) = (Some(account.clone()), authenticated.email.clone());
        mails::enqueue(state, &mut transaction, &NewMail { content, account, recipient }).await?;
    }
    transaction.commit().await?;
    state.mailer.wake();
    Ok(())
}

fn check(credentials: &Credentials) -> Result<Email, Problems> {
    let mut problems = Problems::default();
    let email = problems.check("email", Email::parse_existing(&credentials.email));
    problems.check("password", password::check_length(&credentials.password));
    problems.finish(email)
}
