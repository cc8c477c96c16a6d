//! The clock and the random number generator of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use rand::Rng;

use super::domain::{Clock, Entropy, Timestamp};

#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(0) + since_epoch
    }
}

/// The generator of the `rand` crate: ChaCha, seeded by the operating system and reseeded as it runs.
#[derive(Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}
