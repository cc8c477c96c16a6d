use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The idle clock moves once a minute; much shorter a timeout would end sessions in use.
const SHORTEST_IDLE: Duration = Duration::from_secs(2 * 60);

/// How long sessions live (ASVS 7.3.1 and 7.3.2: inactivity and absolute timeout).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub absolute_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub remembered_idle_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub remembered_absolute_timeout: Duration,
    /// How long a page waits for the session store.
    #[serde(with = "humantime_serde")]
    pub store_timeout: Duration,
}

impl SessionsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let order = [
            ("sessions.idle_timeout", self.idle_timeout, self.absolute_timeout),
            (
                "sessions.remembered_idle_timeout",
                self.remembered_idle_timeout,
                self.remembered_absolute_timeout,
            ),
        ];
        for (key, idle, absolute) in order {
            if idle < SHORTEST_IDLE || idle > absolute {
                let problem = "at least 2 minutes, and no more than the absolute timeout".to_owned();
                return Err(ConfigError::Invalid { key, problem });
            }
        }
        if self.store_timeout.is_zero() {
            let problem = "a store needs some time to answer".to_owned();
            return Err(ConfigError::Invalid { key: "sessions.store_timeout", problem });
        }
        Ok(())
    }
}
