//! Warnings that strangers can cause as often as they like must not fill the log.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use super::Timestamp;

/// Lets one warning through in each interval.
#[derive(Debug)]
pub struct WarningThrottle {
    interval: Duration,
    /// When the last one came through, in milliseconds since the Unix epoch.
    last: AtomicI64,
}

impl WarningThrottle {
    pub const fn new(interval: Duration) -> Self {
        // In the future, as after the clock was set back: the first warning is due.
        Self { interval, last: AtomicI64::new(i64::MAX) }
    }

    /// Whether a warning may be logged now. Of several threads that ask at once, one may.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        let is_due = now.since(Timestamp::from_millis(last)).is_none_or(|since| since >= self.interval);
        is_due && self.last.compare_exchange(last, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_warning_is_due_in_each_interval() {
        let (minute, second) = (Duration::from_mins(1), Duration::from_secs(1));
        for start in [5, 1_764_000_000_000].map(Timestamp::from_millis) {
            let throttle = WarningThrottle::new(minute);
            assert!(throttle.is_due(start));
            assert!(!throttle.is_due(start) && !throttle.is_due(start + 59 * second));
            assert!(throttle.is_due(start + minute));
            assert!(!throttle.is_due(start + 61 * second));
            assert!(throttle.is_due(start - 3600 * second), "the clock was set back");
            assert!(!throttle.is_due(start - 3599 * second));
        }
    }
}
