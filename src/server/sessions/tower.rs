//! The adapter between the session of a request and `tower_sessions::Session`, which holds its values.
//!
//! The adapter is for one request, so it has one session and the id that tower passes does not matter.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{SessionError, Values, request_state::RequestState};
use crate::server::domain::{SessionHandle, error_chain};

#[derive(Debug)]
pub(super) struct TowerStore {
    request: Arc<RequestState>,
    /// What tower's session has last saved: it shows its values to no one but its store.
    saved: Mutex<Values>,
}

impl TowerStore {
    pub(super) fn new(request: Arc<RequestState>) -> Self {
        Self { request, saved: Mutex::default() }
    }

    pub(super) fn saved(&self) -> Values {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn save_values(&self, data: &HashMap<String, Value>) -> session_store::Result<()> {
        self.request.refuse_if_closed().map_err(backend)?;
        let values = data.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = values;
        Ok(())
    }
}

#[async_trait]
impl SessionStore for TowerStore {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.save_values(&record.data)
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.save_values(&record.data)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let expiry_date = self.request.session().map_or(OffsetDateTime::UNIX_EPOCH, |session| {
            let expires = i128::from(session.expires_at.millis()) * 1_000_000;
            OffsetDateTime::from_unix_timestamp_nanos(expires).unwrap_or(OffsetDateTime::UNIX_EPOCH)
        });
        let data = Values::into_iter(self.request.values()).collect();
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    /// What `delete`, `flush` and `cycle_id` call.
    async fn delete(&self, _: &Id) -> session_store::Result<()> {
        self.request.refuse_if_closed().map_err(backend)?;
        self.request.delete().await.map_err(backend)
    }
}

/// The id of a session for libraries: its handle, which happens to be as long.
pub(super) fn tower_id(handle: &SessionHandle) -> Id {
    let bytes = handle.as_str().bytes().take(size_of::<i128>());
    Id(bytes.fold(0, |id, byte| id << 8 | i128::from(byte)))
}

/// All that tower can carry of an error is its text.
fn backend(error: SessionError) -> session_store::Error {
    session_store::Error::Backend(error_chain(&error))
}
