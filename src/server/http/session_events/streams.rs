//! The open streams of session events, counted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::StatusCode;
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::poller::Poller;
use crate::server::{config::SessionsConfig, domain::AccountId};

/// Streams that one session may have open: a browser opens up to three, for all its tabs.
const MAX_PER_SESSION: usize = 6;

/// Limits how many streams are open: in total, and per session, account and address, so that nobody uses up those of
/// all others.
#[derive(Debug)]
pub struct Streams {
    free: Arc<Semaphore>,
    open: Mutex<HashMap<Listener, usize>>,
    max_per_account: usize,
    max_per_address: usize,
    /// Finds out what there is to tell.
    pub poller: Poller,
    /// When this is cancelled, all streams end.
    pub stopping: CancellationToken,
}

/// Who listens. A stream has one of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Listener {
    Session(String),
    Account(AccountId),
    Address(IpNet),
}

impl Streams {
    pub fn new(config: &SessionsConfig, stopping: CancellationToken) -> Self {
        Self {
            free: Arc::new(Semaphore::new(config.event_streams)),
            open: Mutex::default(),
            max_per_account: config.event_streams_per_account,
            max_per_address: config.event_streams_per_address,
            poller: Poller::default(),
            stopping,
        }
    }

    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Counts one more stream, if there may be one.
    pub(super) fn enter(self: &Arc<Self>, listeners: [Listener; 3]) -> Result<StreamPermit, StatusCode> {
        let permit =
            Arc::clone(&self.free).try_acquire_owned().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        let mut open = self.lock();
        let is_full = |listener| open.get(listener).is_some_and(|count| *count >= self.max(listener));
        if listeners.iter().any(is_full) {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        }
        for listener in &listeners {
            *open.entry(listener.clone()).or_default() += 1;
        }
        drop(open);
        Ok(StreamPermit { streams: Arc::clone(self), listeners, _permit: permit })
    }

    fn max(&self, listener: &Listener) -> usize {
        match listener {
            Listener::Session(_) => MAX_PER_SESSION,
            Listener::Account(_) => self.max_per_account,
            Listener::Address(_) => self.max_per_address,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Listener, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held for as long as a stream is open.
#[derive(Debug)]
pub(super) struct StreamPermit {
    streams: Arc<Streams>,
    listeners: [Listener; 3],
    _permit: OwnedSemaphorePermit,
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        for listener in &self.listeners {
            if let Some(count) = open.get_mut(listener) {
                *count -= 1;
                if *count == 0 {
                    open.remove(listener);
                }
            }
        }
    }
}
