//! A session in the model.

use std::{collections::BTreeMap, time::Duration};

use vestibule::model::EndReason;

use super::operation::Account;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Values by key.
pub type Values = BTreeMap<&'static str, u8>;

/// What the cookie of a request stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieStatus {
    NoSession,
    Ended(EndReason),
    Live(SessionData),
}

/// The data of a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionData {
    /// Handles are numbered in the order in which they appeared.
    pub handle: usize,
    pub account: Option<Account>,
    pub remembered: bool,
    pub values: Values,
}

/// The session of one id; a rotation makes another of the same handle.
#[derive(Clone, Debug)]
pub struct ModelSession {
    pub data: SessionData,
    seen: Duration,
    expires: Duration,
    absolute: Duration,
    ended: Option<EndReason>,
    forgotten: bool,
}

impl ModelSession {
    pub fn new(now: Duration, data: SessionData) -> Self {
        let absolute_timeout = match &data {
            SessionData { account: None, .. } => 10 * MINUTE,
            SessionData { remembered: true, .. } => 30 * DAY,
            SessionData { remembered: false, .. } => DAY,
        };
        let absolute = now + absolute_timeout;
        let mut session =
            Self { data, seen: now, expires: absolute, absolute, ended: None, forgotten: false };
        session.extend(now);
        session
    }

    /// The same session with a new id.
    pub fn rotated(&self, now: Duration) -> Self {
        let mut session = self.clone();
        session.extend(now);
        session
    }

    /// Extends the idle timeout, at most once a minute; returns whether it did.
    pub fn touch(&mut self, now: Duration) -> bool {
        let due = now - self.seen >= MINUTE;
        if due {
            self.extend(now);
        }
        due
    }

    fn extend(&mut self, now: Duration) {
        let idle_timeout = if self.data.remembered { 14 * DAY } else { 12 * HOUR };
        (self.seen, self.expires) = (now, self.absolute.min(now + idle_timeout));
    }

    pub fn is_live(&self, now: Duration) -> bool {
        self.status(now) == CookieStatus::Live(self.data.clone())
    }

    pub fn status(&self, now: Duration) -> CookieStatus {
        match self.ended.or_else(|| self.expiry_reason(now)) {
            _ if self.forgotten => CookieStatus::NoSession,
            Some(reason) => CookieStatus::Ended(reason),
            None => CookieStatus::Live(self.data.clone()),
        }
    }

    fn expiry_reason(&self, now: Duration) -> Option<EndReason> {
        let reason =
            if self.expires < self.absolute { EndReason::ExpiredIdle } else { EndReason::ExpiredAbsolute };
        (now >= self.expires).then_some(reason)
    }

    /// Ends it if it is live; returns whether it was.
    pub fn end(&mut self, now: Duration, reason: EndReason) -> bool {
        let was_live = self.is_live(now);
        if was_live {
            self.ended = Some(reason);
        }
        was_live
    }

    pub fn purge(&mut self, now: Duration) {
        self.ended = self.ended.or_else(|| self.expiry_reason(now));
        let retention = if self.data.account.is_some() { 7 * DAY } else { Duration::ZERO };
        self.forgotten |= now >= self.expires + retention;
    }
}
