//! A store that can be held up, for races whose outcome must not be left to chance.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::Barrier;
use vestibule::server::{
    clock::Timestamp,
    sessions::{Changes, EndReason, IdHash, SqlStore, Store, StoreError, StoredSession},
};

/// The store in the database, with a gate behind `load`.
#[derive(Debug)]
pub struct GatedStore {
    inner: SqlStore,
    gate: Mutex<Option<Arc<Barrier>>>,
}

impl GatedStore {
    pub fn new(inner: SqlStore) -> Self {
        Self { inner, gate: Mutex::default() }
    }

    /// The next `load` waits at the barrier twice: when it knows the answer, and before it gives it.
    pub fn hold_next_load(&self) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::new(2));
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = Some(barrier.clone());
        barrier
    }
}

#[async_trait]
impl Store for GatedStore {
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        let loaded = self.inner.load(id, now).await;
        if let Some(barrier) = gate {
            barrier.wait().await;
            barrier.wait().await;
        }
        loaded
    }

    async fn create(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.inner.create(session).await
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        self.inner.merge(id, changes, now).await
    }

    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        self.inner.touch(id, now, expires_at).await
    }

    async fn replace(&self, old: &IdHash, new: &StoredSession, now: Timestamp) -> Result<(), StoreError> {
        self.inner.replace(old, new, now).await
    }

    async fn end(&self, id: &IdHash, reason: EndReason, now: Timestamp) -> Result<bool, StoreError> {
        self.inner.end(id, reason, now).await
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        self.inner.purge(now, most).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner.ping().await
    }
}
