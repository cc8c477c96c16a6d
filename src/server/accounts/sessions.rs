use crate::{
    model::EndReason,
    server::{
        caller::Caller,
        domain::SessionHandle,
        error::ServerError,
        sessions::{SessionError, StoredSession},
    },
};

/// What became of a session that was to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedSession {
    /// It was the caller's own, who is signed out.
    Own,
    Other,
    /// It had ended already.
    None,
}

/// The sessions of the account that is signed in: the caller's own first, then the last active.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn sessions(caller: &Caller) -> Result<Vec<StoredSession>, ServerError> {
    let own = caller.session.stored().ok_or(SessionError::Ended)?;
    let mut sessions = caller.state.sessions.list(caller.account()?).await?;
    sessions.sort_by_key(|session| session.handle != own.handle);
    Ok(sessions)
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

/// Ends the caller's session.
///
/// # Errors
/// If the session store fails; then the session is still live.
pub async fn sign_out(caller: &Caller) -> Result<(), ServerError> {
    Ok(caller.session.sign_out().await?)
}
