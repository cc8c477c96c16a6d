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
    /// The name of the session cookie, without the `__Host-` that it has on https; empty for `id`, and the port
    /// on this machine.
    pub cookie_name: String,
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
    /// The same for one account.
    pub event_streams_per_account: usize,
    /// The same for one address, or one /64 network of IPv6 addresses.
    pub event_streams_per_address: usize,
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
        ValkeyUrl::parse(self.url.expose())
            .map(Some)
            .map_err(|problem| ConfigError::invalid("sessions.url", problem))
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
                    than the absolute timeout";
                return Err(ConfigError::invalid(key, problem));
            }
        }
        if !(1..=MAX_SESSIONS).contains(&self.max_per_account) {
            let problem = format!("expected 1 to {MAX_SESSIONS}");
            return Err(ConfigError::invalid("sessions.max_per_account", problem));
        }
        if let Err(error) = self.keys.parse() {
            return Err(ConfigError::invalid("sessions.keys", error.to_string()));
        }
        if !self.keys_file.as_os_str().is_empty() && self.keys != Keys::default() {
            let problem = "there are sessions.keys already";
            return Err(ConfigError::invalid("sessions.keys_file", problem));
        }
        self.valkey()?;
        if self.key_prefix.contains(['{', '}']) {
            let problem = "braces have a meaning of their own in the names of keys";
            return Err(ConfigError::invalid("sessions.key_prefix", problem));
        }
        if !self.cookie_name.bytes().all(is_of_token) || has_prefix(&self.cookie_name) {
            let problem = format!(
                "\"{}\" is no name of a cookie: use letters, digits, - and _, without __Host- in front",
                self.cookie_name
            );
            return Err(ConfigError::invalid("sessions.cookie_name", problem));
        }
        if self.store_timeout.is_zero() {
            let problem = "a store needs some time to answer";
            return Err(ConfigError::invalid("sessions.store_timeout", problem));
        }
        Ok(())
    }
}

/// RFC 6265, 4.1.1: the name of a cookie is a token (RFC 9110, 5.6.2).
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The names that browsers treat specially, in any case (RFC 6265bis, 4.1.3).
fn has_prefix(name: &str) -> bool {
    name.starts_with("__")
}
