use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    Keys, SecretUrl, ValkeyUrl,
    bounds::{DAY, HOUR, SECOND, TEN_YEARS, check_duration, check_number, duration},
    error::ConfigError,
};

/// The most sessions that an account can be allowed to have: so many are listed.
pub const MAX_SESSIONS: u32 = 1_000;

/// A store needs some time to answer.
const MIN_STORE_TIMEOUT: Duration = Duration::from_millis(100);
const MAX_EVENT_STREAMS: usize = 1_000_000;

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
    #[serde(with = "duration")]
    pub idle_timeout: Duration,
    #[serde(with = "duration")]
    pub absolute_timeout: Duration,
    #[serde(with = "duration")]
    pub remembered_idle_timeout: Duration,
    #[serde(with = "duration")]
    pub remembered_absolute_timeout: Duration,
    /// The idle clock of a session moves at most this often.
    #[serde(with = "duration")]
    pub touch_interval: Duration,
    /// Open pages say this long before that the session is about to end.
    #[serde(with = "duration")]
    pub warning: Duration,
    /// A sensitive action needs a step-up if the last authentication is longer ago than this
    /// (ASVS 7.5.1).
    #[serde(with = "duration")]
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
    #[serde(with = "duration")]
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
        self.check_bounds()?;
        let order = [
            ("sessions.idle_timeout", self.idle_timeout, "sessions.absolute_timeout", self.absolute_timeout),
            (
                "sessions.remembered_idle_timeout",
                self.remembered_idle_timeout,
                "sessions.remembered_absolute_timeout",
                self.remembered_absolute_timeout,
            ),
        ];
        for (key, idle, absolute_key, absolute) in order {
            // Staying after the warning must be a touch, or it would not extend the session.
            if idle < self.touch_interval + self.warning || idle > absolute {
                let problem = format!(
                    "at least sessions.touch_interval and sessions.warning together, and no more than {absolute_key}"
                );
                return Err(ConfigError::invalid(key, problem));
            }
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
        Ok(())
    }

    fn check_bounds(&self) -> Result<(), ConfigError> {
        for (key, time, bounds) in [
            ("sessions.idle_timeout", self.idle_timeout, SECOND..=TEN_YEARS),
            ("sessions.absolute_timeout", self.absolute_timeout, SECOND..=TEN_YEARS),
            ("sessions.remembered_idle_timeout", self.remembered_idle_timeout, SECOND..=TEN_YEARS),
            ("sessions.remembered_absolute_timeout", self.remembered_absolute_timeout, SECOND..=TEN_YEARS),
            ("sessions.touch_interval", self.touch_interval, Duration::ZERO..=DAY),
            ("sessions.warning", self.warning, Duration::ZERO..=DAY),
            ("sessions.step_up_after", self.step_up_after, SECOND..=TEN_YEARS),
            ("sessions.store_timeout", self.store_timeout, MIN_STORE_TIMEOUT..=HOUR),
        ] {
            check_duration(key, time, bounds)?;
        }
        for (key, streams) in [
            ("sessions.event_streams", self.event_streams),
            ("sessions.event_streams_per_account", self.event_streams_per_account),
            ("sessions.event_streams_per_address", self.event_streams_per_address),
        ] {
            check_number(key, streams, 0..=MAX_EVENT_STREAMS)?;
        }
        check_number("sessions.max_per_account", self.max_per_account, 1..=MAX_SESSIONS)
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
