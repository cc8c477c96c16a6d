//! How long a session lives.

use std::time::Duration;

use super::{Identity, StoredSession};
use crate::{
    model::EndReason,
    server::{clock::Timestamp, config::SessionsConfig},
};

/// A session without an account holds no more than the outcome of a form, which the very next page
/// shows; strangers can begin as many as they like.
const ANONYMOUS: Duration = Duration::from_secs(10 * 60);

/// Idle and absolute timeouts, for sessions that end with the browser and for remembered ones.
#[derive(Clone, Debug)]
pub struct Lifetimes {
    config: SessionsConfig,
}

impl Lifetimes {
    pub fn new(config: SessionsConfig) -> Self {
        Self { config }
    }

    /// The moment at which a session that began at `start` ends, whatever happens.
    pub fn absolute_expiry(&self, start: Timestamp, identity: Option<&Identity>) -> Timestamp {
        start
            + match identity {
                None => ANONYMOUS,
                Some(Identity { remembered: true, .. }) => self.config.remembered_absolute_timeout,
                Some(Identity { remembered: false, .. }) => self.config.absolute_timeout,
            }
    }

    /// The moment at which a session last seen at `seen` ends if nobody comes back.
    pub fn expiry(&self, seen: Timestamp, absolute: Timestamp, remembered: bool) -> Timestamp {
        let timeout = if remembered { self.config.remembered_idle_timeout } else { self.config.idle_timeout };
        absolute.min(seen + timeout)
    }

    /// The idle clock of a session moves no more often than the touch interval, so that reading
    /// costs no write.
    pub fn is_touch_due(&self, session: &StoredSession, now: Timestamp) -> bool {
        now.since(session.seen_at) >= self.config.touch_interval
    }

    /// Whether the account proved a short while ago that it is them.
    pub fn is_fresh(&self, session: &StoredSession, now: Timestamp) -> bool {
        session.authenticated_at.is_some_and(|at| now.since(at) < self.config.fresh_for)
    }

    /// Open pages say so when a session ends within this time.
    pub fn warning(&self) -> Duration {
        self.config.warning
    }
}

/// Why a session that has expired did.
pub fn expiry_reason(session: &StoredSession) -> EndReason {
    if session.expires_at >= session.absolute_expires_at {
        EndReason::ExpiredAbsolute
    } else {
        EndReason::ExpiredIdle
    }
}
