//! What `tower_sessions` asks of a store, answered for one request.

use std::collections::HashMap;

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{
    super::{SessionError, StoredSession, Values, key},
    Bridge, Cookie, Succession, itself,
};
use crate::{model::EndReason, server::error::chain};

#[async_trait]
impl SessionStore for Bridge {
    /// Begins a session: one of nobody, unless it was said what for. The id is ours.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let succession = self.state().succession.take();
        let mut kept = values(&record.data);
        match succession {
            Some(Succession::SignIn(identity)) => {
                self.state().noted.clear();
                kept.retain(|name, _| key::survives(name));
                record.data = kept.clone().into_iter().collect();
                record.id = self.sign_in(identity, kept).await.map_err(backend)?;
            }
            Some(Succession::Proof(proof, event)) => {
                let (id, values) = self.rotate(proof, event, kept).await.map_err(backend)?;
                (record.id, record.data) = (id, values.into_iter().collect());
            }
            // A session that did not give way as it should: it lives on, and this is no other's.
            None if self.live().is_some() => return Err(backend(SessionError::Ended)),
            None => {
                self.state().noted.clear();
                let (id, session) = self.engine.begin(None, kept, &self.client).await.map_err(backend)?;
                record.id = id.to_tower();
                self.adopt(id, session);
            }
        }
        Ok(())
    }

    /// Merges what this request changed. If the session has ended meanwhile there is nothing to
    /// keep it in, and nobody to keep it for.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let Some(session) = self.current(&record.id) else { return Ok(()) };
        let after = values(&record.data);
        let changes = self.changes(&session.values, &after);
        self.merge(&changes, &after).await.map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        Ok(self.current(id).map(|session| record(*id, session)))
    }

    /// Ends the session, unless it is about to give way to the next: that comes with `create`.
    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.refuse_if_sealed().map_err(backend)?;
        let Some(session) = self.current(id) else { return Ok(()) };
        if self.state().succession.is_some() {
            return Ok(());
        }
        let ended = self.end(&itself(&session), EndReason::SignedOut).await.map_err(backend)?;
        let mut state = self.state();
        state.live = None;
        // What had ended before may have a successor, whose cookie the browser holds by now.
        state.cookie = if ended.is_empty() { Cookie::Keep } else { Cookie::Remove };
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
