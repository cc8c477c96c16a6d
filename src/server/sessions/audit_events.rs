//! The security events that stores record when they end sessions.

use super::{Revocation, StoredSession, expiry_reason};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::domain::{AccountId, SecurityEvent, SessionHandle},
};

/// The event of a session that was ended. `None` for a session without an account, and for one that was
/// replaced: what replaced it has an event of its own.
pub fn revocation_event(revocation: &Revocation, session: &StoredSession) -> Option<SecurityEvent> {
    let (account, handle) = (session.account.clone(), session.handle.clone());
    unreadable_session_event(revocation, account, handle, &session.user_agent)
}

/// The same for a session that ends although it cannot be read, by what is known of it.
pub fn unreadable_session_event(
    revocation: &Revocation,
    account: Option<AccountId>,
    handle: SessionHandle,
    user_agent: &str,
) -> Option<SecurityEvent> {
    let kind = match revocation.reason {
        EndReason::Replaced => return None,
        EndReason::SignedOut => SecurityEventKind::SignedOut,
        reason => SecurityEventKind::SessionEnded { reason, user_agent: user_agent.to_owned() },
    };
    Some(SecurityEvent::new(kind, revocation.at, Some(account?), Some(handle), &revocation.client))
}

/// The event of a session that has expired; `None` for a session without an account.
pub fn expiry_event(session: &StoredSession) -> Option<SecurityEvent> {
    let kind = SecurityEventKind::SessionEnded {
        reason: expiry_reason(session),
        user_agent: session.user_agent.clone(),
    };
    Some(SecurityEvent {
        at: session.expires_at,
        account: Some(session.account.clone()?),
        session: Some(session.handle.clone()),
        address: session.address.clone(),
        user_agent: session.user_agent.clone(),
        kind,
    })
}
