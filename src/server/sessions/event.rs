//! Session events: what open pages are told about their session.

use super::{Engine, LiveSession, Lookup, RequestSession, SessionStatus, StoredSession};
use crate::{
    model::{EndReason, SessionEvent, SessionState, SessionTimes},
    server::domain::display_time,
};

/// The event for a session that was looked up.
pub fn session_event(engine: &Engine, lookup: &Lookup) -> SessionEvent {
    match lookup {
        Lookup::Unknown => ended(None),
        Lookup::Ended(reason) | Lookup::Expired(reason) => ended(Some(*reason)),
        Lookup::Live(LiveSession { session, .. }) if session.account.is_none() => ended(None),
        Lookup::Live(LiveSession { session, .. }) => live(engine, session),
    }
}

/// The event for the session of a request.
pub fn request_event(request: &RequestSession) -> SessionEvent {
    match (request.stored(), request.account(), request.status()) {
        (Some(session), Some(_), _) => live(request.engine(), &session),
        (_, _, SessionStatus::Ended(reason)) => ended(Some(reason)),
        _ => ended(None),
    }
}

/// The times of a session as pages show them.
pub fn session_times(engine: &Engine, session: &StoredSession) -> SessionTimes {
    SessionTimes {
        now: engine.now().millis(),
        started: display_time(session.created_at),
        last_active: display_time(session.seen_at),
        ends: display_time(session.expires_at),
        extendable: session.is_extendable(),
    }
}

fn ended(reason: Option<EndReason>) -> SessionEvent {
    SessionEvent { session: None, state: SessionState::Ended { reason }, times: None }
}

fn live(engine: &Engine, session: &StoredSession) -> SessionEvent {
    let left = session.expires_at.since(engine.now()).unwrap_or_default();
    let state = if left <= engine.warning() {
        let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
        SessionState::Ending { seconds, extendable: session.is_extendable() }
    } else {
        SessionState::Live
    };
    let times = Some(session_times(engine, session));
    SessionEvent { session: Some(session.handle.to_string()), state, times }
}
