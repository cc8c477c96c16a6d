//! The life of one id, in the model.

use std::{collections::BTreeMap, time::Duration};

use vestibule::model::EndReason;

use super::operation::Account;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Values by key.
pub type Kept = BTreeMap<&'static str, u8>;

/// What the engine says of a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Nobody,
    Ended(EndReason),
    Live(Person),
}

/// Whoever is behind a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Handles by number, in the order in which they appeared.
    pub handle: usize,
    pub account: Option<Account>,
    pub remembered: bool,
    pub kept: Kept,
}

#[derive(Clone, Debug)]
pub struct Life {
    pub person: Person,
    seen: Duration,
    expires: Duration,
    absolute: Duration,
    ended: Option<EndReason>,
    forgotten: bool,
}

impl Life {
    pub fn begin(now: Duration, person: Person) -> Self {
        let lasts = match &person {
            Person { account: None, .. } => 10 * MINUTE,
            Person { remembered: true, .. } => 90 * DAY,
            Person { remembered: false, .. } => DAY,
        };
        let absolute = now + lasts;
        let mut life = Self { person, seen: now, expires: absolute, absolute, ended: None, forgotten: false };
        life.see(now);
        life
    }

    /// The same person under a new id.
    pub fn go_on(&self, now: Duration) -> Self {
        let mut life = self.clone();
        life.see(now);
        life
    }

    /// Moves the idle clock, if it is time to; whether it was.
    pub fn touch(&mut self, now: Duration) -> bool {
        let due = now - self.seen >= MINUTE;
        if due {
            self.see(now);
        }
        due
    }

    fn see(&mut self, now: Duration) {
        let idle = if self.person.remembered { 14 * DAY } else { 12 * HOUR };
        (self.seen, self.expires) = (now, self.absolute.min(now + idle));
    }

    pub fn is_live(&self, now: Duration) -> bool {
        self.told(now) == Told::Live(self.person.clone())
    }

    pub fn told(&self, now: Duration) -> Told {
        match self.ended.or_else(|| self.expired(now)) {
            _ if self.forgotten => Told::Nobody,
            Some(reason) => Told::Ended(reason),
            None => Told::Live(self.person.clone()),
        }
    }

    fn expired(&self, now: Duration) -> Option<EndReason> {
        let reason =
            if self.expires < self.absolute { EndReason::ExpiredIdle } else { EndReason::ExpiredAbsolute };
        (now >= self.expires).then_some(reason)
    }

    /// Ends it, if it lives; whether it did.
    pub fn end(&mut self, now: Duration, reason: EndReason) -> bool {
        let lived = self.is_live(now);
        if lived {
            self.ended = Some(reason);
        }
        lived
    }

    pub fn purge(&mut self, now: Duration) {
        self.ended = self.ended.or_else(|| self.expired(now));
        let retention = if self.person.account.is_some() { 7 * DAY } else { Duration::ZERO };
        self.forgotten |= now >= self.expires + retention;
    }
}
