//! How long a session lives.

use std::time::Duration;

use super::{Identity, StoredSession};
use crate::{
    model::EndReason,
    server::{config::SessionsConfig, domain::Timestamp},
};

/// How long a session without an account lives: it holds what a visitor did before signing in, and
/// strangers can begin as many as they like.
const ANONYMOUS_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// How long after its expiry the tombstone of an account's session is kept, to tell people why they
/// were signed out. Anonymous sessions leave none: strangers can begin as many as they like.
const TOMBSTONE_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How far the clocks of two servers may differ before a time counts as in the future.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// Idle and absolute timeouts, for sessions that end with the browser and for remembered ones.
#[derive(Clone, Debug)]
pub struct Lifetimes {
    config: SessionsConfig,
}

/// No session can expire later than this, unless it was used while the clock was ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatestExpiry {
    /// Which sessions it applies to.
    pub remembered: bool,
    pub expires_at: Timestamp,
    pub absolute_expires_at: Timestamp,
}

impl Lifetimes {
    pub fn new(config: SessionsConfig) -> Self {
        Self { config }
    }

    /// When a session that begins at `start` ends, however much it is used.
    pub fn absolute_expiry(&self, start: Timestamp, identity: Option<&Identity>) -> Timestamp {
        start + identity.map_or(ANONYMOUS_TIMEOUT, |identity| self.absolute_timeout(identity.remembered))
    }

    /// When a session that was last seen at `seen` ends if it is not used again.
    pub fn expiry(&self, seen: Timestamp, absolute: Timestamp, remembered: bool) -> Timestamp {
        absolute.min(seen + self.idle_timeout(remembered))
    }

    /// The same session, seen at `now`. If it began in the future, since the clock was ahead of time, its
    /// absolute timeout counts from now on, and an authentication in the future is dropped.
    pub fn touched(&self, session: &StoredSession, now: Timestamp) -> StoredSession {
        let latest = match session.account {
            Some(_) => now + self.absolute_timeout(session.remembered),
            None => now + ANONYMOUS_TIMEOUT,
        };
        let absolute_expires_at = session.absolute_expires_at.min(latest);
        let expires_at = self.expiry(now, absolute_expires_at, session.remembered);
        let authenticated_at = session.authenticated_at.filter(|at| *at <= now + CLOCK_TOLERANCE);
        StoredSession { seen_at: now, expires_at, absolute_expires_at, authenticated_at, ..session.clone() }
    }

    /// True for an anonymous session that cannot expire as late as it says: it began in the future.
    pub fn is_implausible(&self, session: &StoredSession, now: Timestamp) -> bool {
        session.account.is_none() && session.expires_at > now + ANONYMOUS_TIMEOUT + CLOCK_TOLERANCE
    }

    /// The idle clock of a session moves at most once per touch interval, so that reading pages costs no
    /// write.
    pub fn is_touch_due(&self, session: &StoredSession, now: Timestamp) -> bool {
        now.since(session.seen_at).is_none_or(|idle| idle >= self.config.touch_interval)
    }

    /// True if the account was authenticated so recently that no step-up is needed. An authentication in
    /// the future, after the clock was set back, does not count.
    pub fn is_recently_authenticated(&self, session: &StoredSession, now: Timestamp) -> bool {
        let at = session.authenticated_at.filter(|at| *at <= now + CLOCK_TOLERANCE);
        at.is_some_and(|at| now.since(at).unwrap_or_default() < self.config.step_up_after)
    }

    /// The latest expiry of sessions at `now`, for each kind.
    pub fn latest_expiries(&self, now: Timestamp) -> [LatestExpiry; 2] {
        [false, true].map(|remembered| LatestExpiry {
            remembered,
            expires_at: now + self.idle_timeout(remembered) + CLOCK_TOLERANCE,
            absolute_expires_at: now + self.absolute_timeout(remembered) + CLOCK_TOLERANCE,
        })
    }

    /// Open pages warn when this is left of a session.
    pub fn warning(&self) -> Duration {
        self.config.warning
    }

    fn idle_timeout(&self, remembered: bool) -> Duration {
        if remembered { self.config.remembered_idle_timeout } else { self.config.idle_timeout }
    }

    fn absolute_timeout(&self, remembered: bool) -> Duration {
        if remembered { self.config.remembered_absolute_timeout } else { self.config.absolute_timeout }
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

/// When the tombstone of a session is removed.
pub fn forgotten_at(session: &StoredSession) -> Timestamp {
    let retention = if session.account.is_some() { TOMBSTONE_RETENTION } else { Duration::ZERO };
    session.expires_at + retention
}
