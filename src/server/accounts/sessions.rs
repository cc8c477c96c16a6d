use super::check_up;
use crate::{
    model::EndReason,
    server::{
        caller::Caller,
        domain::SessionHandle,
        error::ServerError,
        sessions::{SessionError, StoredSession},
    },
};

const SESSIONS_PER_PAGE: usize = 20;

/// What became of a session that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedSession {
    /// It was the caller's own, who is signed out.
    Own,
    Other,
    /// It had ended already.
    None,
}

/// A page of an account's sessions.
#[derive(Debug)]
pub struct SessionsPage {
    /// The caller's own first, then the last active.
    pub sessions: Vec<StoredSession>,
    /// Counted from 1.
    pub page: u32,
    /// There is another page after this.
    pub more: bool,
    /// There are sessions other than the caller's, on whichever page.
    pub others: bool,
}

/// The sessions of the account that is signed in. Pages count from 1; one out of range becomes the nearest.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn sessions(caller: &Caller, page: u32) -> Result<SessionsPage, ServerError> {
    let own = caller.session.stored().ok_or(SessionError::Ended)?;
    let mut sessions = caller.state.sessions.list(caller.account()?).await?;
    sessions.retain(|session| session.handle != own.handle);
    let others = !sessions.is_empty();
    sessions.insert(0, StoredSession::clone(&own));
    let pages: Vec<_> = sessions.chunks(SESSIONS_PER_PAGE).collect();
    let index = usize::try_from(page).unwrap_or(usize::MAX).clamp(1, pages.len()) - 1;
    Ok(SessionsPage {
        sessions: pages[index].to_vec(),
        page: u32::try_from(index + 1).unwrap_or(u32::MAX),
        more: index + 1 < pages.len(),
        others,
    })
}

/// Ends one session of the account that is signed in. The caller's own is a sign-out.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_session(caller: &Caller, handle: SessionHandle) -> Result<EndedSession, ServerError> {
    if caller.session.stored().is_some_and(|session| session.handle == handle) {
        caller.session.sign_out().await?;
        return Ok(EndedSession::Own);
    }
    let ended = caller.session.end_session(handle).await?;
    Ok(if ended { EndedSession::Other } else { EndedSession::None })
}

/// Ends all sessions of the account but the caller's own. Returns how many.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_other_sessions(caller: &Caller) -> Result<usize, ServerError> {
    Ok(caller.session.end_other_sessions(EndReason::EndedElsewhere).await?)
}

/// Ends the sessions of the account that were not used for a month. Returns how many.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_unused_sessions(caller: &Caller) -> Result<usize, ServerError> {
    let mut ended = 0;
    for session in check_up::unused_sessions(caller).await? {
        ended += usize::from(caller.session.end_session(session.handle).await?);
    }
    Ok(ended)
}

/// Ends the caller's session.
///
/// # Errors
/// If the session store fails; then the session is still live.
pub async fn sign_out(caller: &Caller) -> Result<(), ServerError> {
    Ok(caller.session.sign_out().await?)
}
