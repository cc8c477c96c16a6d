use std::cmp::Reverse;

use crate::{
    model::{AppError, EndReason, FormOutcome, Next, Notice, SessionEntry},
    server::{
        clock::Timestamp,
        error::ServerError,
        forms,
        moments::moment,
        request::Caller,
        sessions::{Handle, StoredSession, describe},
    },
};

const PAGE: &str = "/account/sessions";

/// The sessions of whoever asks: this one first, then those last active.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn sessions(caller: &Caller) -> Result<Vec<SessionEntry>, AppError> {
    let mut sessions = caller.session.of_same_account().await?;
    let account = caller.account()?;
    sessions.retain(|session| session.is_proved_by(account));
    let current = caller.session.stored().map(|session| session.id_hash);
    let is_current = |session: &StoredSession| Some(&session.id_hash) == current.as_ref();
    sessions.sort_by_key(|session| (!is_current(session), Reverse(session.seen_at)));
    let now = caller.session.now();
    Ok(sessions.iter().map(|session| entry(session, is_current(session), now)).collect())
}

fn entry(session: &StoredSession, current: bool, now: Timestamp) -> SessionEntry {
    SessionEntry {
        handle: session.handle.to_string(),
        device: describe(&session.user_agent),
        address: session.address.clone(),
        signed_in: moment(session.created_at, now),
        last_active: moment(session.seen_at, now),
        methods: session.methods.clone(),
        remembered: session.remembered,
        current,
    }
}

/// Ends one session of whoever asks. Their own is a sign-out.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_session(caller: &Caller, handle: String) -> Result<FormOutcome, AppError> {
    Ok(end_one(caller, Handle::new(handle)).await?)
}

async fn end_one(caller: &Caller, handle: Handle) -> Result<FormOutcome, ServerError> {
    if caller.session.stored().is_some_and(|session| session.handle == handle) {
        caller.session.sign_out().await?;
        return Ok(forms::accept(caller, Next::parse_or_home("/login")));
    }
    let ended = caller.session.end_one(handle).await?;
    let notice = if ended { Notice::SessionEnded } else { Notice::SessionGone };
    forms::accept_saying(caller, Next::parse_or_home(PAGE), notice).await
}

/// Ends all sessions of whoever asks but this one.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_other_sessions(caller: &Caller) -> Result<FormOutcome, AppError> {
    Ok(end_others(caller).await?)
}

async fn end_others(caller: &Caller) -> Result<FormOutcome, ServerError> {
    let ended = caller.session.end_others(EndReason::EndedElsewhere).await?;
    let notice = Notice::OthersEnded(u32::try_from(ended).unwrap_or(u32::MAX));
    forms::accept_saying(caller, Next::parse_or_home(PAGE), notice).await
}
