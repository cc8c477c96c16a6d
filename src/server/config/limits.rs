//! How often something may be attempted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    bounds::{DAY, TEN_YEARS, check_duration, duration, text},
    error::ConfigError,
};

const MIN_INTERVAL: Duration = Duration::from_millis(1);
const YEAR: Duration = DAY.saturating_mul(365);
/// What all attempts of a burst together may count: sums of a few of these do not overflow, in nanoseconds.
const MAX_COUNTED: Duration = YEAR.saturating_mul(100);

/// How often something may be attempted. A number of zero switches its limit off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Requests of an address within a moment; one more after each interval.
    pub requests_burst: u32,
    #[serde(with = "duration")]
    pub requests_interval: Duration,
    /// Wrong passwords of an address within a moment; one more after each interval.
    pub sign_in_burst: u32,
    #[serde(with = "duration")]
    pub sign_in_interval: Duration,
    /// Registrations of an address within a moment; one more after each interval.
    pub register_burst: u32,
    #[serde(with = "duration")]
    pub register_interval: Duration,
    /// Mails that an address asks for, such as links to reset a password, within a moment; one more after each interval.
    pub mails_from_burst: u32,
    #[serde(with = "duration")]
    pub mails_from_interval: Duration,
    /// Mails that are asked for to one email address within a moment; one more after each interval.
    pub mails_to_burst: u32,
    #[serde(with = "duration")]
    pub mails_to_interval: Duration,
    /// Mails of each kind to the owner of an account, about what has happened, within a moment; one more after each interval.
    pub notices_burst: u32,
    #[serde(with = "duration")]
    pub notices_interval: Duration,
    /// Wrong passwords for an account without a delay.
    pub account_attempts: u32,
    /// The delay after these; it doubles with each further wrong password …
    #[serde(with = "duration")]
    pub account_delay: Duration,
    /// … up to this.
    #[serde(with = "duration")]
    pub account_max_delay: Duration,
    /// After each of these intervals, one wrong password is forgotten.
    #[serde(with = "duration")]
    pub account_decay: Duration,
    /// Wrong passwords for an account in all browsers that are known for it together, within a moment; one more
    /// after each interval.
    pub devices_burst: u32,
    #[serde(with = "duration")]
    pub devices_interval: Duration,
    /// Passwords for an account, right or wrong, that are hashed before those of strangers, within a moment; one
    /// more after each interval.
    pub known_burst: u32,
    #[serde(with = "duration")]
    pub known_interval: Duration,
    /// How long a browser is known after a sign-in.
    #[serde(with = "duration")]
    pub device_lifetime: Duration,
}

impl LimitsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let least = |number| if number == 0 { Duration::ZERO } else { MIN_INTERVAL };
        for (name, burst, interval) in [
            ("requests", self.requests_burst, self.requests_interval),
            ("sign_in", self.sign_in_burst, self.sign_in_interval),
            ("register", self.register_burst, self.register_interval),
            ("mails_from", self.mails_from_burst, self.mails_from_interval),
            ("mails_to", self.mails_to_burst, self.mails_to_interval),
            ("notices", self.notices_burst, self.notices_interval),
            ("devices", self.devices_burst, self.devices_interval),
            ("known", self.known_burst, self.known_interval),
        ] {
            check_duration(&format!("limits.{name}_interval"), interval, least(burst)..=YEAR)?;
            if interval.saturating_mul(burst) > MAX_COUNTED {
                let problem = format!(
                    "too many with a limits.{name}_interval of {}: 0 switches the limit off",
                    text(interval)
                );
                return Err(ConfigError::invalid(format!("limits.{name}_burst"), problem));
            }
        }
        let least = least(self.account_attempts);
        check_duration("limits.account_delay", self.account_delay, least..=YEAR)?;
        check_duration("limits.account_max_delay", self.account_max_delay, least..=YEAR)?;
        check_duration("limits.account_decay", self.account_decay, least..=YEAR)?;
        check_duration("limits.device_lifetime", self.device_lifetime, Duration::ZERO..=TEN_YEARS)?;
        if self.account_attempts == 0 {
            return Ok(());
        }
        if self.account_delay > self.account_max_delay {
            let problem = "no more than limits.account_max_delay";
            return Err(ConfigError::invalid("limits.account_delay", problem));
        }
        if self.account_decay < self.account_max_delay {
            let problem = "at least limits.account_max_delay, which would never be reached otherwise";
            return Err(ConfigError::invalid("limits.account_decay", problem));
        }
        Ok(())
    }
}
