use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Keys, SecretUrl, ValkeyUrl, error::ConfigError};

/// The most sessions that an account can be allowed to have: so many are listed.
pub const MAX_SESSIONS: u32 = 1_000;

/// How long sessions live (ASVS 7.3.1 and 7.3.2: inactivity and absolute timeout).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionsConfig {
    /// Where sessions are stored; empty for the database.
    pub url: SecretUrl,
    /// What the names of keys in Valkey start with.
    pub key_prefix: String,
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub absolute_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub remembered_idle_timeout: Duration,
    #[serde(with = "humantime_serde")]
    pub remembered_absolute_timeout: Duration,
    /// The idle clock of a session moves at most this often.
    #[serde(with = "humantime_serde")]
    pub touch_interval: Duration,
    /// Open pages say this long before that the session is about to end.
    #[serde(with = "humantime_serde")]
    pub warning: Duration,
    /// A sensitive action needs a step-up if the last authentication is longer ago than this
    /// (ASVS 7.5.1).
    #[serde(with = "humantime_serde")]
    pub step_up_after: Duration,
    /// Sessions that an account may have at a time (ASVS 7.1.2).
    pub max_per_account: u32,
    /// Event streams open at a time, over all sessions.
    pub event_streams: usize,
    /// Keys that sign cookies, in place of those in `secret.key`; the first signs, all verify.
    pub keys: Keys,
    /// A file with such keys, one per line; empty for `secret.key` in the data folder.
    pub keys_file: PathBuf,
    /// How long a page waits for the session store.
    #[serde(with = "humantime_serde")]
    pub store_timeout: Duration,
}

impl SessionsConfig {
    /// The Valkey server that sessions are stored in; `None` if they are in the database.
    ///
    /// # Errors
    /// If the URL makes no sense.
    pub fn valkey(&self) -> Result<Option<ValkeyUrl>, ConfigError> {
        if self.url.expose().is_empty() {
            return Ok(None);
        }
        let invalid = |problem| ConfigError::Invalid { key: "sessions.url", problem };
        ValkeyUrl::parse(self.url.expose()).map(Some).map_err(invalid)
    }

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
            // Staying after the warning must be a touch, or it would not extend the session.
            if idle < self.touch_interval + self.warning || idle > absolute {
                let problem = "at least sessions.touch_interval and sessions.warning together, and no more \
                    than the absolute timeout"
                    .to_owned();
                return Err(ConfigError::Invalid { key, problem });
            }
        }
        if !(1..=MAX_SESSIONS).contains(&self.max_per_account) {
            let problem = format!("expected 1 to {MAX_SESSIONS}");
            return Err(ConfigError::Invalid { key: "sessions.max_per_account", problem });
        }
        if let Err(error) = self.keys.parse() {
            return Err(ConfigError::Invalid { key: "sessions.keys", problem: error.to_string() });
        }
        if !self.keys_file.as_os_str().is_empty() && self.keys != Keys::default() {
            let problem = "there are sessions.keys already".to_owned();
            return Err(ConfigError::Invalid { key: "sessions.keys_file", problem });
        }
        self.valkey()?;
        if self.key_prefix.contains(['{', '}']) {
            let problem = "braces have a meaning of their own in the names of keys".to_owned();
            return Err(ConfigError::Invalid { key: "sessions.key_prefix", problem });
        }
        if self.store_timeout.is_zero() {
            let problem = "a store needs some time to answer".to_owned();
            return Err(ConfigError::Invalid { key: "sessions.store_timeout", problem });
        }
        Ok(())
    }
}
