//! A store with stage directions: it can be held up, fail, or never answer.

use std::{
    future::pending,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use async_trait::async_trait;
use tokio::sync::Barrier;
use vestibule::server::{
    audit::Event,
    clock::Timestamp,
    db::accounts::AccountId,
    sessions::{
        Changes, Ending, Handle, IdHash, Lookup, Selection, Store, StoreError, StoredSession, Values,
    },
};

/// How the store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mood {
    Well,
    Failing,
    Hanging,
}

/// A store around another.
#[derive(Debug)]
pub struct StagedStore {
    inner: Arc<dyn Store>,
    gate: Mutex<Option<Arc<Barrier>>>,
    mood: AtomicU8,
}

impl StagedStore {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self { inner, gate: Mutex::default(), mood: AtomicU8::new(Mood::Well as u8) }
    }

    pub fn be(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    /// The next `load` waits at the barrier twice: when it knows the answer, and before it gives it.
    pub fn hold_next_load(&self) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::new(2));
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = Some(barrier.clone());
        barrier
    }

    /// The store behind, if today is a good day.
    async fn inner(&self) -> Result<&dyn Store, StoreError> {
        match self.mood.load(Ordering::SeqCst) {
            mood if mood == Mood::Failing as u8 => Err(StoreError::Backend("out of order".into())),
            mood if mood == Mood::Hanging as u8 => pending().await,
            _ => Ok(&*self.inner),
        }
    }
}

#[async_trait]
impl Store for StagedStore {
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
        let loaded = self.inner().await?.load(id, now).await;
        if let Some(barrier) = gate {
            barrier.wait().await;
            barrier.wait().await;
        }
        loaded
    }

    async fn create(&self, session: &StoredSession, events: &[Event]) -> Result<(), StoreError> {
        self.inner().await?.create(session, events).await
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        self.inner().await?.merge(id, changes, now).await
    }

    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        self.inner().await?.touch(id, now, expires_at).await
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[Event],
    ) -> Result<Option<Values>, StoreError> {
        self.inner().await?.rotate(old, new, now, events).await
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        self.inner().await?.list(account, now).await
    }

    async fn end(&self, which: &Selection, ending: &Ending) -> Result<Vec<Handle>, StoreError> {
        self.inner().await?.end(which, ending).await
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        self.inner().await?.purge(now, most).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner().await?.ping().await
    }
}
