use secrecy::{ExposeSecret, SecretString};

use super::{
    mails,
    password::{self, Comparison},
    problems::{AccountError, Problems},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller,
        credentials::{Priority, Purpose},
        db::{DatabaseError, Transaction, accounts, events, lock_account, mailed_tokens},
        domain::{Account, MailContent, NewMail, error_chain},
        sessions::Authentication,
    },
    words::Problem,
};

const CURRENT: &str = "current_password";
const NEW: &str = "new_password";
/// What [`check_notice`](crate::server::limits::Limits::check_notice) counts.
pub(super) const PASSWORD_NOTICE: &str = "password";

/// What became of a password that was to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    Changed {
        /// How many other sessions have ended.
        ended: usize,
    },
    /// It is the new one already: the form was posted twice.
    Repeated,
    /// It was changed, but this session could not get a new id, so that it is over, too.
    SessionLost,
}

/// Changes the password of the account that is signed in. Its other sessions end, and this one gets a new
/// id (ASVS 7.4.3).
///
/// # Errors
/// If the current password is wrong, the new one is not acceptable, the session has ended, or the
/// database, the session store or the hasher fails. Once the password is changed, all sessions are over
/// even if something fails after that: each has the version of the credentials that it was authenticated
/// with.
pub async fn change_password(
    caller: &Caller,
    current: &SecretString,
    new: &SecretString,
) -> Result<PasswordChange, AccountError> {
    let account = caller.account()?;
    if let Err(problem) = password::check_length(current) {
        // No attempt was charged for it, so it has no right to be judged before strangers' passwords.
        let mut problems = check_new(caller, new, Priority::Stranger).await?;
        problems.fields.insert(0, (CURRENT, problem));
        return Err(problems.into());
    }
    // Compared even if the new one is not acceptable: people see everything that is wrong at once.
    let Comparison { authentication, priority } = password::compare(caller, CURRENT, current).await?;
    let problems = check_new(caller, new, priority).await;
    let Some(authentication) = authentication else { return without_current(caller, new, problems).await };
    problems?.finish(Some(()))?;
    if current.expose_secret() == new.expose_secret() {
        // A password is changed because others may know it, so keeping it cannot be meant.
        return Err(Problems::of_field(NEW, Problem::Unchanged).into());
    }
    let hash = caller.state.hasher.hash(new, priority).await?;
    let version = authentication.credential_version;
    let is_told = caller.state.limits.check_notice(&account.id, PASSWORD_NOTICE).await.is_ok();
    let mut transaction = caller.state.db.begin().await?;
    lock_account(&mut transaction, &account.id).await?;
    let next = accounts::change_password(&mut transaction, &account.id, version, &hash).await?;
    let Some(credential_version) = next else {
        drop(transaction);
        return another_came_first(caller, new).await;
    };
    record_change(caller, &mut transaction, account, SecurityEventKind::PasswordChanged, is_told).await?;
    transaction.commit().await?;
    caller.state.mailer.wake();
    let authentication = Authentication { credential_version, ..authentication };
    if let Err(error) = caller.session.reauthenticate(authentication, None).await {
        // An error would say that nothing was changed.
        tracing::warn!(cause = %error_chain(&error), "after a change of the password, a session got no new id");
        return Ok(PasswordChange::SessionLost);
    }
    let ended = caller.session.end_other_sessions(EndReason::PasswordChanged).await?;
    Ok(PasswordChange::Changed { ended })
}

/// Records that the password has changed, ends the links that could change it again, and tells the owner unless there
/// were many such mails.
///
/// # Errors
/// If the database fails.
pub(super) async fn record_change(
    caller: &Caller,
    transaction: &mut Transaction,
    account: &Account,
    kind: SecurityEventKind,
    is_told: bool,
) -> Result<(), DatabaseError> {
    let (state, id) = (&caller.state, &account.id);
    events::append(transaction, &caller.event(kind, Some(id.clone()))).await?;
    for purpose in [Purpose::ResetPassword, Purpose::EmailChange] {
        mailed_tokens::remove_of_account(transaction, id, purpose.as_str()).await?;
    }
    if !is_told {
        return Ok(());
    }
    let origin = caller.origin();
    let content = MailContent::PasswordChanged { origin };
    let mail = NewMail { content, account: Some(id.clone()), recipient: account.email.clone() };
    mails::enqueue(state, transaction, &mail).await
}

/// What is wrong with the new password.
async fn check_new(
    caller: &Caller,
    new: &SecretString,
    priority: Priority,
) -> Result<Problems, AccountError> {
    let account = caller.account()?;
    let problem = password::check_new(caller, new, &account.name, &account.email, priority).await?;
    let mut problems = Problems::default();
    problems.check(NEW, problem.map_or(Ok(()), Err));
    Ok(problems)
}

/// The current password was wrong, unless the new one is the current one already.
async fn without_current(
    caller: &Caller,
    new: &SecretString,
    problems: Result<Problems, AccountError>,
) -> Result<PasswordChange, AccountError> {
    let is_acceptable = problems.as_ref().is_ok_and(|problems| problems.fields.is_empty());
    // This is a guess as well, and counted as one: otherwise each request could try two passwords.
    if is_acceptable && is_current(caller, new).await.is_ok_and(|is_current| is_current) {
        return Ok(PasswordChange::Repeated);
    }
    let refused = password::refuse(caller, CURRENT, SecurityEventKind::PasswordChangeRefused).await;
    Err(with_problems(refused, problems?))
}

/// What was entered is no longer the current password, unless the other change was the same.
async fn another_came_first(caller: &Caller, new: &SecretString) -> Result<PasswordChange, AccountError> {
    if is_current(caller, new).await? {
        return Ok(PasswordChange::Repeated);
    }
    Err(Problems::of_field(CURRENT, Problem::Wrong).into())
}

async fn is_current(caller: &Caller, new: &SecretString) -> Result<bool, AccountError> {
    Ok(password::compare(caller, NEW, new).await?.authentication.is_some())
}

/// Adds what else is wrong.
fn with_problems(error: AccountError, more: Problems) -> AccountError {
    match error {
        AccountError::Rejected(mut problems) => {
            problems.fields.extend(more.fields);
            problems.into()
        }
        failed => failed,
    }
}
