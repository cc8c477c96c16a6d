//! The security check-up: what the owner of an account should mend.

use std::time::Duration;

use crate::server::{
    caller::Caller,
    db::account_status,
    error::ServerError,
    sessions::{SessionError, StoredSession},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Sessions that were not used for this long should be ended.
pub const UNUSED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long ago an event is recent.
const RECENT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What should be mended, if anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckUp {
    pub email_is_unverified: bool,
    pub password_is_common: bool,
    /// Sessions that were not used for a month.
    pub unused_sessions: usize,
    /// Events of the last week that the owner has not said to be theirs.
    pub alarming_events: u32,
}

impl CheckUp {
    /// Nothing needs to be done.
    pub fn is_clean(self) -> bool {
        self == Self::default()
    }
}

/// Looks at the account that is signed in.
///
/// # Errors
/// If the session has ended, or the database or the session store fails.
pub async fn check_up(caller: &Caller) -> Result<CheckUp, ServerError> {
    let (state, account) = (&caller.state, caller.account()?);
    let since = state.clock.now() - RECENT;
    let row = account_status::check_up(&state.db, &account.id, since).await?.ok_or(SessionError::Ended)?;
    Ok(CheckUp {
        email_is_unverified: !row.email_verified,
        password_is_common: row.password_is_common,
        unused_sessions: unused_sessions(caller).await?.len(),
        alarming_events: row.alarming_events,
    })
}

/// The sessions that were not used for a month. Nothing is read where the idle timeout ends them before.
pub(super) async fn unused_sessions(caller: &Caller) -> Result<Vec<StoredSession>, ServerError> {
    let sessions = &caller.state.config.sessions;
    if sessions.idle_timeout.max(sessions.remembered_idle_timeout) < UNUSED_FOR + DAY {
        return Ok(Vec::new());
    }
    let before = caller.state.clock.now() - UNUSED_FOR;
    let mut found = caller.state.sessions.list(caller.account()?).await?;
    found.retain(|session| session.seen_at < before);
    Ok(found)
}

/// The owner knows all events up to now.
///
/// # Errors
/// If the session has ended, or the database fails.
pub async fn review_events(caller: &Caller) -> Result<(), ServerError> {
    Ok(account_status::review(&caller.state.db, &caller.account()?.id, caller.state.clock.now()).await?)
}
