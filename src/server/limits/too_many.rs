//! The refusal of an attempt, and how long to wait.

use std::time::Duration;

/// There were too many attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there were too many attempts")]
pub struct TooMany {
    /// From then on the next one may be made.
    pub retry_after: Duration,
}

impl TooMany {
    /// Of two, either of which may let the next one through.
    pub fn sooner(self, other: Self) -> Self {
        Self { retry_after: self.retry_after.min(other.retry_after) }
    }

    /// How long to wait, in whole seconds; at least one.
    pub fn seconds(self) -> u32 {
        u32::try_from(self.retry_after.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
    }
}
