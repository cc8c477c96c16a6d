//! The open streams of session events, counted.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::poller::Poller;

/// Streams that one session may have open: a browser opens up to three, for all its tabs.
const MAX_PER_SESSION: usize = 6;

/// Limits how many streams are open, in total and per session.
#[derive(Debug)]
pub struct Streams {
    free: Arc<Semaphore>,
    by_session: Mutex<HashMap<String, usize>>,
    /// Finds out what there is to tell.
    pub poller: Poller,
    /// When this is cancelled, all streams end.
    pub stopping: CancellationToken,
}

impl Streams {
    pub fn new(max: usize, stopping: CancellationToken) -> Self {
        Self {
            free: Arc::new(Semaphore::new(max)),
            by_session: Mutex::default(),
            poller: Poller::default(),
            stopping,
        }
    }

    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Counts one more stream of a session, if there may be one.
    pub(super) fn enter(self: &Arc<Self>, session: String) -> Result<Place, StatusCode> {
        let permit =
            Arc::clone(&self.free).try_acquire_owned().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        let mut counts = self.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(session.clone()).or_default();
        if *count >= MAX_PER_SESSION {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        }
        *count += 1;
        Ok(Place { streams: Arc::clone(self), session, _permit: permit })
    }
}

/// Held for as long as a stream is open.
#[derive(Debug)]
pub(super) struct Place {
    streams: Arc<Streams>,
    session: String,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.streams.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.session);
            }
        }
    }
}
