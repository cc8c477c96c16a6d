//! How often something may be attempted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::ConfigError;

/// How often something may be attempted. A number of zero switches its limit off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Requests of an address within a moment; one more after each interval.
    pub requests_burst: u32,
    #[serde(with = "humantime_serde")]
    pub requests_interval: Duration,
    /// Wrong passwords of an address within a moment; one more after each interval.
    pub sign_in_burst: u32,
    #[serde(with = "humantime_serde")]
    pub sign_in_interval: Duration,
    /// Registrations of an address within a moment; one more after each interval.
    pub register_burst: u32,
    #[serde(with = "humantime_serde")]
    pub register_interval: Duration,
    /// Mails that an address asks for, such as links to reset a password, within a moment; one more after each interval.
    pub mails_from_burst: u32,
    #[serde(with = "humantime_serde")]
    pub mails_from_interval: Duration,
    /// Mails that are asked for to one email address within a moment; one more after each interval.
    pub mails_to_burst: u32,
    #[serde(with = "humantime_serde")]
    pub mails_to_interval: Duration,
    /// Mails of each kind to the owner of an account, about what has happened, within a moment; one more after each interval.
    pub notices_burst: u32,
    #[serde(with = "humantime_serde")]
    pub notices_interval: Duration,
    /// Wrong passwords for an account without a delay.
    pub account_attempts: u32,
    /// The delay after these; it doubles with each further wrong password …
    #[serde(with = "humantime_serde")]
    pub account_delay: Duration,
    /// … up to this.
    #[serde(with = "humantime_serde")]
    pub account_max_delay: Duration,
    /// After each of these intervals, one wrong password is forgotten.
    #[serde(with = "humantime_serde")]
    pub account_decay: Duration,
    /// Wrong passwords for an account in all browsers that are known for it together, within a moment; one more
    /// after each interval.
    pub devices_burst: u32,
    #[serde(with = "humantime_serde")]
    pub devices_interval: Duration,
    /// Passwords for an account, right or wrong, that are hashed before those of strangers, within a moment; one
    /// more after each interval.
    pub known_burst: u32,
    #[serde(with = "humantime_serde")]
    pub known_interval: Duration,
    /// How long a browser is known after a sign-in.
    #[serde(with = "humantime_serde")]
    pub device_lifetime: Duration,
}

impl LimitsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        for (key, burst, interval) in [
            ("limits.requests_interval", self.requests_burst, self.requests_interval),
            ("limits.sign_in_interval", self.sign_in_burst, self.sign_in_interval),
            ("limits.register_interval", self.register_burst, self.register_interval),
            ("limits.mails_from_interval", self.mails_from_burst, self.mails_from_interval),
            ("limits.mails_to_interval", self.mails_to_burst, self.mails_to_interval),
            ("limits.notices_interval", self.notices_burst, self.notices_interval),
            ("limits.devices_interval", self.devices_burst, self.devices_interval),
            ("limits.known_interval", self.known_burst, self.known_interval),
        ] {
            if burst > 0 && interval.as_millis() == 0 {
                return Err(ConfigError::invalid(
                    key,
                    "a limit needs an interval; a burst of 0 switches it off",
                ));
            }
        }
        if self.account_attempts == 0 {
            return Ok(());
        }
        if self.account_delay.as_millis() == 0 || self.account_delay > self.account_max_delay {
            return Err(ConfigError::invalid(
                "limits.account_delay",
                "more than nothing, and no more than the maximum",
            ));
        }
        if self.account_decay < self.account_max_delay {
            let problem = "at least limits.account_max_delay, which would never be reached otherwise";
            return Err(ConfigError::invalid("limits.account_decay", problem));
        }
        Ok(())
    }
}
