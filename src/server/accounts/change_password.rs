use secrecy::{ExposeSecret, SecretString};

use super::{
    password,
    problems::{AccountError, Problems},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller, credentials::Priority, db::accounts, domain::error_chain, sessions::Authentication,
    },
    words::Problem,
};

const CURRENT: &str = "current_password";
const NEW: &str = "new_password";

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
    let problem = password::check_new(caller, new, &account.name, &account.email, Priority::Known).await?;
    let mut problems = Problems::default();
    problems.check(NEW, problem.map_or(Ok(()), Err));
    let is_acceptable = problems.fields.is_empty();
    if let Err(problem) = password::check_length(current) {
        problems.fields.insert(0, (CURRENT, problem));
        return Err(problems.into());
    }
    // Compared even if the new one is not acceptable: people see everything that is wrong at once.
    let authentication = match password::compare(caller, CURRENT, current).await? {
        Some(_) if !is_acceptable => return Err(problems.into()),
        // People change a password because others may know it: then it must not stay the same.
        Some(_) if current.expose_secret() == new.expose_secret() => {
            return Err(Problems::of_field(NEW, Problem::Unchanged).into());
        }
        Some(authentication) => authentication,
        // The form was sent twice: the new password is the current one by now. Comparing it is one more attempt, since
        // a thief of the session could otherwise try two passwords with each; without one left, the first counts as
        // wrong.
        None if is_acceptable && matches!(password::compare(caller, NEW, new).await, Ok(Some(_))) => {
            return Ok(PasswordChange::Repeated);
        }
        None => {
            let refused = password::refuse(caller, CURRENT, SecurityEventKind::PasswordChangeRefused).await;
            return Err(with_problems(refused, problems));
        }
    };
    let hash = caller.state.hasher.hash(new, Priority::Known).await?;
    let changed = caller.event(SecurityEventKind::PasswordChanged, Some(account.id.clone()));
    let version = authentication.credential_version;
    let next = accounts::change_password(&caller.state.db, &account.id, version, &hash, &changed).await?;
    let Some(credential_version) = next else { return another_came_first(caller, new).await };
    let authentication = Authentication { credential_version, ..authentication };
    if let Err(error) = caller.session.reauthenticate(authentication, None).await {
        // An error would say that nothing was changed.
        tracing::warn!(cause = %error_chain(&error), "after a change of the password, a session got no new id");
        return Ok(PasswordChange::SessionLost);
    }
    let ended = caller.session.end_other_sessions(EndReason::PasswordChanged).await?;
    Ok(PasswordChange::Changed { ended })
}

/// What was entered is no longer the current password, unless the other change was the same.
async fn another_came_first(caller: &Caller, new: &SecretString) -> Result<PasswordChange, AccountError> {
    match password::compare(caller, NEW, new).await? {
        Some(_) => Ok(PasswordChange::Repeated),
        None => Err(Problems::of_field(CURRENT, Problem::Wrong).into()),
    }
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
