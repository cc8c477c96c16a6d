//! How fast a client must be while the server waits for it.

use std::time::Duration;

use tokio::time::Instant;

use crate::server::config::HttpConfig;

/// A client that moves less than this, averaged over the window, is cut off: otherwise a reader of a few bytes a
/// minute would hold its connection, and a file, for hours.
#[derive(Clone, Copy, Debug)]
pub struct MinRate {
    bytes: u64,
    window: Duration,
}

impl MinRate {
    pub fn new(config: &HttpConfig) -> Self {
        let bytes = u128::from(config.min_rate).saturating_mul(config.min_rate_window.as_millis()) / 1_000;
        Self { bytes: u64::try_from(bytes).unwrap_or(u64::MAX), window: config.min_rate_window }
    }
}

/// What a client has moved in the window that has begun. The clock of the window stands still while the server
/// itself is what takes time.
#[derive(Debug, Default)]
pub struct TransferRate {
    waiting_since: Option<Instant>,
    waited: Duration,
    moved: u64,
}

impl TransferRate {
    /// The client has to send or to read before anything goes on.
    pub fn waits(&mut self, now: Instant) {
        self.waiting_since.get_or_insert(now);
    }

    /// The client has sent or read this many bytes.
    pub fn moved(&mut self, bytes: usize, now: Instant) {
        self.moved = self.moved.saturating_add(bytes as u64);
        self.waited += self.waiting_since.take().map_or(Duration::ZERO, |since| now - since);
    }

    pub fn is_waiting(&self) -> bool {
        self.waiting_since.is_some()
    }

    /// When the client has been too slow, unless it moves something until then.
    pub fn deadline(&mut self, rate: MinRate, now: Instant) -> Option<Instant> {
        let waited = self.waited + self.waiting_since.map_or(Duration::ZERO, |since| now - since);
        if waited >= rate.window {
            if self.moved < rate.bytes {
                return Some(now);
            }
            *self = Self { waiting_since: self.waiting_since.map(|_| now), ..Self::default() };
        }
        self.waiting_since.map(|since| since + (rate.window - self.waited))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const RATE: MinRate = MinRate { bytes: 1_000, window: Duration::from_secs(10) };

    #[test]
    fn a_client_that_moves_nothing_has_one_window() {
        let (began, mut rate) = (Instant::now(), TransferRate::default());
        assert_eq!(rate.deadline(RATE, began), None, "nothing to wait for");
        rate.waits(began);
        assert_eq!(rate.deadline(RATE, began + SECOND), Some(began + 10 * SECOND));
        assert_eq!(rate.deadline(RATE, began + 10 * SECOND), Some(began + 10 * SECOND));
    }

    #[test]
    fn a_slow_client_is_fast_enough_if_it_moves_the_minimum() {
        let (mut now, mut rate) = (Instant::now(), TransferRate::default());
        for _ in 0..100 {
            rate.waits(now);
            now += SECOND;
            rate.moved(100, now);
            assert_eq!(rate.deadline(RATE, now), None);
        }
        for _ in 0..10 {
            rate.waits(now);
            now += SECOND;
            rate.moved(99, now);
        }
        assert_eq!(rate.deadline(RATE, now), Some(now), "too slow");
    }

    #[test]
    fn what_was_moved_before_does_not_pay_for_a_long_stall() {
        let (began, mut rate) = (Instant::now(), TransferRate::default());
        rate.moved(1_000_000, began);
        rate.waits(began);
        assert_eq!(rate.deadline(RATE, began + 10 * SECOND), Some(began + 20 * SECOND));
        assert_eq!(rate.deadline(RATE, began + 20 * SECOND), Some(began + 20 * SECOND));
    }

    #[test]
    fn time_that_the_server_takes_does_not_count() {
        let (began, mut rate) = (Instant::now(), TransferRate::default());
        rate.waits(began);
        rate.moved(1, began + SECOND);
        assert_eq!(rate.deadline(RATE, began + 60 * SECOND), None);
        rate.waits(began + 60 * SECOND);
        assert_eq!(rate.deadline(RATE, began + 60 * SECOND), Some(began + 69 * SECOND));
    }
}
