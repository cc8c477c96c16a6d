//! One request's session as a `tower_sessions` store.
//!
//! `tower_sessions::Session` loads a whole record and saves a whole record. In between other
//! requests may have written, so this store remembers what the request had loaded and passes on
//! only the keys that differ.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use http::HeaderValue;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{Changes, EndReason, Engine, IdHash, Identity, SessionError, SessionId, StoredSession, Values};
use crate::server::{clock::Timestamp, error::chain, request::Client};

#[derive(Debug)]
pub(super) struct Bridge {
    engine: Arc<Engine>,
    client: Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The session as the store has it.
    live: Option<(SessionId, StoredSession)>,
    cookie: Cookie,
    arrival: Option<Arrival>,
    /// The head of the response is out: nothing can be written any more.
    sealed: bool,
}

/// What the response does about the cookie.
#[derive(Debug, Default)]
enum Cookie {
    #[default]
    Keep,
    /// Same id, longer life or newer signature.
    Renew,
    Set,
    Remove,
}

/// A sign-in under way: the next session to be created is theirs and takes the old one's place.
#[derive(Debug)]
struct Arrival {
    identity: Identity,
    replaced: Option<IdHash>,
}

impl Bridge {
    /// `renew` when the cookie must be set again although its id stays.
    pub(super) fn new(
        engine: Arc<Engine>,
        client: Client,
        live: Option<(SessionId, StoredSession)>,
        renew: bool,
    ) -> Self {
        let cookie = if renew { Cookie::Renew } else { Cookie::Keep };
        Self { engine, client, state: Mutex::new(State { live, cookie, ..State::default() }) }
    }

    pub(super) fn live(&self) -> Option<StoredSession> {
        self.state().live.as_ref().map(|(_, session)| session.clone())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.now()
    }

    pub(super) fn expect_arrival(&self, identity: Identity) {
        self.state().arrival = Some(Arrival { identity, replaced: None });
    }

    /// Gives up a renewal if the session has ended while the request was under way: the browser
    /// may hold the cookie of the next one already, and must not get the dead one back.
    pub(super) async fn reconsider_renewal(&self) {
        let renewed = match &*self.state() {
            State { cookie: Cookie::Renew, live: Some((_, session)), .. } => session.id_hash.clone(),
            _ => return,
        };
        if !matches!(self.engine.is_live(&renewed).await, Ok(true)) {
            self.state().cookie = Cookie::Keep;
        }
    }

    /// No more writes from here on; returns what to set.
    pub(super) fn seal(&self) -> Option<HeaderValue> {
        let mut state = self.state();
        state.sealed = true;
        match (&state.cookie, &state.live) {
            (Cookie::Renew | Cookie::Set, Some((id, session))) => {
                self.engine.cookies.set(id, self.engine.max_age(session))
            }
            (Cookie::Remove, _) => self.engine.cookies.remove(),
            (Cookie::Renew | Cookie::Set | Cookie::Keep, _) => None,
        }
    }

    /// # Panics
    /// In debug builds, so that tests find a page that writes while it streams.
    pub(super) fn refuse_if_sealed(&self) -> Result<(), SessionError> {
        if !self.state().sealed {
            return Ok(());
        }
        debug_assert!(false, "{}", SessionError::TooLate);
        tracing::error!("{}", SessionError::TooLate);
        Err(SessionError::TooLate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves this state whole: every change to it is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session that `id` names, if it is the one of this request.
    fn current(&self, id: &Id) -> Option<StoredSession> {
        let state = self.state();
        let (_, session) = state.live.as_ref().filter(|(live, _)| live.to_tower() == *id)?;
        Some(session.clone())
    }
}

#[async_trait]
impl SessionStore for Bridge {
    /// Begins a session: an anonymous one, unless somebody is signing in. The id is ours.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let (identity, replaced) = match self.state().arrival.take() {
            Some(arrival) => (Some(arrival.identity), arrival.replaced),
            None => (None, None),
        };
        let begun = self.engine.begin(identity, values(&record.data), &self.client, replaced.as_ref()).await;
        let (id, session) = begun.map_err(backend)?;
        record.id = id.to_tower();
        let mut state = self.state();
        state.live = Some((id, session));
        state.cookie = Cookie::Set;
        Ok(())
    }

    /// Merges what this request changed. If the session has ended meanwhile there is nothing to
    /// keep it in, and nobody to keep it for.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let Some(session) = self.current(&record.id) else { return Ok(()) };
        let after = values(&record.data);
        let changes = changes(&session.values, &after);
        if changes.is_empty() {
            return Ok(());
        }
        let kept = self.engine.merge(&session.id_hash, &changes).await.map_err(backend)?;
        let mut state = self.state();
        if !kept {
            state.live = None;
        } else if let Some((_, session)) = &mut state.live {
            session.values = after;
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.current(id).map(|session| record(*id, session)))
    }

    /// Ends the session, or marks it as the one that a sign-in replaces.
    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let Some(session) = self.current(id) else { return Ok(()) };
        if let Some(arrival) = &mut self.state().arrival {
            arrival.replaced = Some(session.id_hash);
            return Ok(());
        }
        self.engine.end(&session.id_hash, EndReason::SignedOut).await.map_err(backend)?;
        let mut state = self.state();
        state.live = None;
        state.cookie = Cookie::Remove;
        Ok(())
    }
}

fn backend(error: SessionError) -> session_store::Error {
    session_store::Error::Backend(chain(&error))
}

fn values(data: &HashMap<String, Value>) -> Values {
    data.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn record(id: Id, session: StoredSession) -> Record {
    let expires = i128::from(session.expires_at.millis()) * 1_000_000;
    Record {
        id,
        data: session.values.into_iter().collect(),
        expiry_date: OffsetDateTime::from_unix_timestamp_nanos(expires).unwrap_or(OffsetDateTime::UNIX_EPOCH),
    }
}

/// The keys in which `after` differs from `before`.
fn changes(before: &Values, after: &Values) -> Changes {
    let set = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let removed = before.keys().filter(|key| !after.contains_key(*key));
    set.map(|(key, value)| (key.clone(), Some(value.clone())))
        .chain(removed.map(|key| (key.clone(), None)))
        .collect()
}
