//! "Download my data": the profile, the live sessions and the newest events of an account (GDPR, article 20).

use serde_json::{Value, json};

use crate::{
    model::SecurityEventKind,
    server::{
        caller::Caller,
        db::{
            accounts,
            events::{self, Entry, Filter},
        },
        domain::{Timestamp, display_time},
        error::ServerError,
        sessions::{SessionError, StoredSession},
    },
};

const EVENTS_AT_A_TIME: u32 = 500;
/// The newest; the rest is what strangers have tried.
const MAX_EVENTS: u32 = 10_000;

/// Profile, sessions and events of the account that is signed in.
///
/// # Errors
/// If the session has ended, or the database or the session store fails.
pub async fn export(caller: &Caller) -> Result<Value, ServerError> {
    let (state, account) = (&caller.state, caller.account()?);
    let stored = accounts::by_id(&state.db, &account.id).await?.ok_or(SessionError::Ended)?;
    let sessions = state.sessions.list(account).await?;
    caller.record(SecurityEventKind::DataDownloaded, Some(account.id.clone())).await?;
    let mut entries = Vec::new();
    for offset in (0..MAX_EVENTS).step_by(usize::try_from(EVENTS_AT_A_TIME).unwrap_or(1)) {
        let page = events::page(&state.db, &account.id, Filter::All, EVENTS_AT_A_TIME, offset).await?;
        let is_last = page.len() < usize::try_from(EVENTS_AT_A_TIME).unwrap_or(usize::MAX);
        entries.extend(page.into_iter().flatten());
        if is_last {
            break;
        }
    }
    Ok(json!({
        "profile": {
            "id": account.id.as_str(),
            "name": account.name,
            "email": account.email,
            "email_verified_at": stored.email_verified_at.map(time),
            "created_at": time(stored.created_at),
            "administrator": account.admin,
        },
        "sessions": sessions.iter().map(session).collect::<Vec<_>>(),
        "events": entries.iter().map(event).collect::<Vec<_>>(),
    }))
}

fn session(session: &StoredSession) -> Value {
    json!({
        "handle": session.handle.as_str(),
        "user_agent": session.user_agent,
        "address": session.address,
        "keep_signed_in": session.remembered,
        "started_at": time(session.created_at),
        "last_active_at": time(session.seen_at),
        "ends_at": time(session.expires_at),
    })
}

fn event(entry: &Entry) -> Value {
    json!({
        "at": time(entry.event.at),
        "what": entry.event.kind,
        "times": entry.count,
        "last_at": time(entry.last_at),
        "session": entry.event.session.as_ref().map(|session| session.as_str()),
        "address": entry.event.address,
        "user_agent": entry.event.user_agent,
    })
}

/// RFC 3339, UTC.
fn time(at: Timestamp) -> String {
    display_time(at).machine
}
