use secrecy::SecretString;

use super::{
    password,
    problems::{AccountError, Problems},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::{
        caller::Caller, credentials::check_new_password, db::accounts, domain::error_chain,
        sessions::Authentication,
    },
    words::Problem,
};

const CURRENT: &str = "current_password";
const NEW: &str = "new_password";

/// Changes the password of the account that is signed in. Its other sessions end, and this one gets a new
/// id (ASVS 7.4.3). Returns how many others have ended; `None` if this one could not get a new id, so that it is
/// over, too.
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
) -> Result<Option<usize>, AccountError> {
    let account = caller.account()?;
    check(current, check_new_password(new, &account.name, &account.email))?;
    let refusal = SecurityEventKind::PasswordChangeRefused;
    let authentication = password::authenticate(caller, CURRENT, current, refusal).await?;
    let hash = caller.state.hasher.hash(new).await?;
    let changed = caller.event(SecurityEventKind::PasswordChanged, Some(account.id.clone()));
    let version = authentication.credential_version;
    let next = accounts::change_password(&caller.state.db, &account.id, version, &hash, &changed).await?;
    // If another change came first, what was entered is no longer the current password.
    let credential_version = next.ok_or_else(|| Problems::of_field(CURRENT, Problem::Wrong))?;
    let authentication = Authentication { credential_version, ..authentication };
    if let Err(error) = caller.session.reauthenticate(authentication, None).await {
        // An error would say that nothing was changed.
        tracing::warn!(cause = %error_chain(&error), "after a change of the password, a session got no new id");
        return Ok(None);
    }
    Ok(Some(caller.session.end_other_sessions(EndReason::PasswordChanged).await?))
}

/// What can be seen without comparing the current password, which counts as an attempt.
fn check(current: &SecretString, acceptable: Result<(), Problem>) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let current = problems.check(CURRENT, password::check_length(current));
    problems.check(NEW, acceptable);
    problems.finish(current)
}
