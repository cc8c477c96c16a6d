//! A store that tests can pause and make fail.

use std::{
    future::pending,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::Barrier;
use vestibule::server::{
    domain::{AccountId, SecurityEvent, Timestamp},
    sessions::{
        Changes, EndedBatch, IdHash, LatestExpiry, Lookup, Revocation, Store, StoreError, StoredSession,
        Values,
    },
};

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    Failing,
    Hanging,
    /// Reading works and writing fails, as on a full disk.
    ReadOnly,
    /// Reading works and writing takes for ever, as behind a long transaction.
    WriterBusy,
}

/// Pauses the first call after it was armed; all others pass.
#[derive(Debug, Default)]
struct PausePoint(Mutex<Option<Arc<Barrier>>>);

impl PausePoint {
    fn arm(&self) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::new(2));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(barrier.clone());
        barrier
    }

    async fn pass(&self) {
        let armed = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(barrier) = armed {
            barrier.wait().await;
            barrier.wait().await;
        }
    }
}

/// Runs `other` while `request` is paused at the barrier.
pub async fn interleave<T>(
    barrier: &Barrier,
    request: impl Future<Output = T>,
    other: impl Future<Output = ()>,
) -> T {
    let meanwhile = async {
        barrier.wait().await;
        other.await;
        barrier.wait().await;
    };
    tokio::join!(request, meanwhile).0
}

/// A wrapper around another store.
#[derive(Debug)]
pub struct ControlledStore {
    inner: Arc<dyn Store>,
    load_pause: PausePoint,
    create_pause: PausePoint,
    rotate_pause: PausePoint,
    merge_pause: PausePoint,
    end_pause: PausePoint,
    fault: Mutex<Fault>,
}

impl ControlledStore {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            load_pause: PausePoint::default(),
            create_pause: PausePoint::default(),
            rotate_pause: PausePoint::default(),
            merge_pause: PausePoint::default(),
            end_pause: PausePoint::default(),
            fault: Mutex::new(Fault::None),
        }
    }

    pub fn set_fault(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// The next `load` waits at the barrier twice after reading, before it returns.
    pub fn pause_next_load(&self) -> Arc<Barrier> {
        self.load_pause.arm()
    }

    /// The next `rotate` waits at the barrier twice before it starts.
    pub fn pause_next_rotation(&self) -> Arc<Barrier> {
        self.rotate_pause.arm()
    }

    /// The next `merge` waits at the barrier twice before it starts.
    pub fn pause_next_merge(&self) -> Arc<Barrier> {
        self.merge_pause.arm()
    }

    /// The next `end` waits at the barrier twice before it starts.
    pub fn pause_next_end(&self) -> Arc<Barrier> {
        self.end_pause.arm()
    }

    /// The next `create` waits at the barrier twice before it starts.
    pub fn pause_next_create(&self) -> Arc<Barrier> {
        self.create_pause.arm()
    }

    /// The wrapped store, unless there is a fault.
    async fn inner(&self) -> Result<&dyn Store, StoreError> {
        match self.fault() {
            Fault::Failing => Err(StoreError::Backend("out of order".into())),
            Fault::Hanging => pending().await,
            Fault::None | Fault::ReadOnly | Fault::WriterBusy => Ok(&*self.inner),
        }
    }

    /// The same for a call that writes.
    async fn writable(&self) -> Result<&dyn Store, StoreError> {
        match self.fault() {
            Fault::ReadOnly => Err(StoreError::Backend("the disk is full".into())),
            Fault::WriterBusy => pending().await,
            Fault::None | Fault::Failing | Fault::Hanging => self.inner().await,
        }
    }

    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for ControlledStore {
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let loaded = self.inner().await?.load(id, now).await;
        self.load_pause.pass().await;
        loaded
    }

    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        self.inner().await?.load_many(ids, now).await
    }

    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        self.create_pause.pass().await;
        self.writable().await?.create(session, events).await
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        self.merge_pause.pass().await;
        self.writable().await?.merge(id, changes, now).await
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        self.writable().await?.touch(session, now).await
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        self.rotate_pause.pass().await;
        self.writable().await?.rotate(old, new, now, events).await
    }

    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError> {
        self.inner().await?.list(account, now, max).await
    }

    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError> {
        self.end_pause.pass().await;
        self.writable().await?.end(revocation, max).await
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        self.writable().await?.expire(id, now).await
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        self.writable().await?.purge(now, latest, max).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner().await?.ping().await
    }
}
