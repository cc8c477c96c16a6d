//! How long the audit log is kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ConfigError;

/// How long the audit log is kept, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// Everything that has no other limit.
    #[serde(with = "humantime_serde")]
    pub retention: Duration,
    /// Refused attempts.
    #[serde(with = "humantime_serde")]
    pub refused_retention: Duration,
    /// Refused attempts where there is no such account.
    #[serde(with = "humantime_serde")]
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
            if retention < Self::MIN_RETENTION {
                let problem = "at least 7d: evidence is not removed while people may still need it";
                return Err(ConfigError::invalid(key, problem));
            }
        }
        Ok(())
    }
}
