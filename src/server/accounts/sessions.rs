use std::cmp::Reverse;

use crate::{
    model::{AppError, EndReason, FormOutcome, ReturnTo},
    server::{
        db::accounts::Account,
        error::ServerError,
        request::Caller,
        sessions::{CurrentSession, Handle, StoredSession},
    },
    words::{self, Notice},
};

const PAGE: &str = "/account/sessions";

/// The sessions of an account: `current` first, then those last active.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn sessions(account: &Account, current: &CurrentSession) -> Result<Vec<StoredSession>, AppError> {
    let mut sessions = current.of_same_account().await?;
    sessions.retain(|session| session.is_proved_by(account));
    let current = current.stored().map(|session| session.id_hash);
    let is_current = |session: &StoredSession| Some(&session.id_hash) == current.as_ref();
    sessions.sort_by_key(|session| (!is_current(session), Reverse(session.seen_at)));
    Ok(sessions)
}

/// Ends one session of the account. The caller's own is a sign-out.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_session(caller: &Caller, handle: String) -> Result<FormOutcome, AppError> {
    Ok(end_one(caller, Handle::new(handle)).await?)
}

async fn end_one(caller: &Caller, handle: Handle) -> Result<FormOutcome, ServerError> {
    if caller.session.stored().is_some_and(|session| session.handle == handle) {
        caller.session.sign_out().await?;
        return Ok(caller.accept(ReturnTo::page("/login")));
    }
    let ended = caller.session.end_one(handle).await?;
    let notice = words::notice(if ended { Notice::SessionEnded } else { Notice::SessionGone });
    Ok(caller.accept_with_notice(ReturnTo::page(PAGE), notice).await?)
}

/// Ends all sessions of the account but this one.
///
/// # Errors
/// If the session has ended, or the session store fails.
pub async fn end_other_sessions(caller: &Caller) -> Result<FormOutcome, AppError> {
    Ok(end_others(caller).await?)
}

async fn end_others(caller: &Caller) -> Result<FormOutcome, ServerError> {
    let ended = caller.session.end_others(EndReason::EndedElsewhere).await?;
    let notice = words::notice(Notice::OthersEnded(u32::try_from(ended).unwrap_or(u32::MAX)));
    Ok(caller.accept_with_notice(ReturnTo::page(PAGE), notice).await?)
}
