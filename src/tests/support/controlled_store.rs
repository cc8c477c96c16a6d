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
    domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
    sessions::{Changes, IdHash, LatestExpiry, Lookup, Revocation, Store, StoreError, StoredSession, Values},
};

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    None,
    Failing,
    Hanging,
}

/// Lets everybody pass, but for one whom it holds up when it was closed.
#[derive(Debug, Default)]
struct Gate(Mutex<Option<Arc<Barrier>>>);

impl Gate {
    fn close(&self) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::new(2));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(barrier.clone());
        barrier
    }

    async fn pass(&self) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(barrier) = held {
            barrier.wait().await;
            barrier.wait().await;
        }
    }
}

/// Does something else while a request is held at the barrier.
pub async fn held<T>(
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

/// A store around another.
#[derive(Debug)]
pub struct ControlledStore {
    inner: Arc<dyn Store>,
    load_gate: Gate,
    create_gate: Gate,
    rotate_gate: Gate,
    merge_gate: Gate,
    end_gate: Gate,
    fault: AtomicU8,
}

impl ControlledStore {
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            load_gate: Gate::default(),
            create_gate: Gate::default(),
            rotate_gate: Gate::default(),
            merge_gate: Gate::default(),
            end_gate: Gate::default(),
            fault: AtomicU8::new(Fault::None as u8),
        }
    }

    pub fn set_fault(&self, fault: Fault) {
        self.fault.store(fault as u8, Ordering::SeqCst);
    }

    /// The next `load` waits at the barrier twice: when it knows the answer, and before it gives it.
    pub fn pause_next_load(&self) -> Arc<Barrier> {
        self.load_gate.close()
    }

    /// The next `rotate` waits at the barrier twice before it begins.
    pub fn pause_next_rotation(&self) -> Arc<Barrier> {
        self.rotate_gate.close()
    }

    /// The next `merge` waits at the barrier twice before it begins.
    pub fn pause_next_merge(&self) -> Arc<Barrier> {
        self.merge_gate.close()
    }

    /// The next `end` waits at the barrier twice before it begins.
    pub fn pause_next_end(&self) -> Arc<Barrier> {
        self.end_gate.close()
    }

    /// The next `create` waits at the barrier twice before it begins.
    pub fn pause_next_create(&self) -> Arc<Barrier> {
        self.create_gate.close()
    }

    /// The store behind, unless there is a fault.
    async fn inner(&self) -> Result<&dyn Store, StoreError> {
        match self.fault.load(Ordering::SeqCst) {
            fault if fault == Fault::Failing as u8 => Err(StoreError::Backend("out of order".into())),
            fault if fault == Fault::Hanging as u8 => pending().await,
            _ => Ok(&*self.inner),
        }
    }
}

#[async_trait]
impl Store for ControlledStore {
    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let loaded = self.inner().await?.load(id, now).await;
        self.load_gate.pass().await;
        loaded
    }

    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        self.create_gate.pass().await;
        self.inner().await?.create(session, events).await
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        self.merge_gate.pass().await;
        self.inner().await?.merge(id, changes, now).await
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        self.inner().await?.touch(session, now).await
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        self.rotate_gate.pass().await;
        self.inner().await?.rotate(old, new, now, events).await
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        self.inner().await?.list(account, now).await
    }

    async fn end(&self, revocation: &Revocation) -> Result<Vec<SessionHandle>, StoreError> {
        self.end_gate.pass().await;
        self.inner().await?.end(revocation).await
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        self.inner().await?.expire(id, now).await
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        self.inner().await?.purge(now, latest, max).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.inner().await?.ping().await
    }
}
