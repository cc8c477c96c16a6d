//! How long the audit log is kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    bounds::{DAY, check_duration, duration},
    error::ConfigError,
};

/// For those who never want to remove any: a hundred years.
const MAX_RETENTION: Duration = DAY.saturating_mul(36_500);

/// How long the audit log is kept, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// Everything that has no other limit.
    #[serde(with = "duration")]
    pub retention: Duration,
    /// Refused attempts.
    #[serde(with = "duration")]
    pub refused_retention: Duration,
    /// Refused attempts where there is no such account.
    #[serde(with = "duration")]
    pub unknown_refused_retention: Duration,
}

impl AuditConfig {
    /// The database does not remove what is younger.
    pub const MIN_RETENTION: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for (key, retention) in [
            ("audit.retention", self.retention),
            ("audit.refused_retention", self.refused_retention),
            ("audit.unknown_refused_retention", self.unknown_refused_retention),
        ] {
            check_duration(key, retention, Self::MIN_RETENTION..=MAX_RETENTION)?;
        }
        Ok(())
    }
}
