//! A clock that tests move.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use vestibule::server::domain::{Clock, Timestamp};

/// The morning of 1 January 2026, UTC.
const START: i64 = 1_767_254_400_000;

/// Stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn new() -> Self {
        Self(AtomicI64::new(START))
    }

    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("a time that fits");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn set_back(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("a time that fits");
        self.0.fetch_sub(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
