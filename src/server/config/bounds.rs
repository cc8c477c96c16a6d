//! Durations as people write them, and what a setting may be at least and at most.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::error::ConfigError;

pub const SECOND: Duration = Duration::from_secs(1);
pub const HOUR: Duration = Duration::from_hours(1);
pub const DAY: Duration = Duration::from_hours(24);
/// No clock, cookie or sum of these overflows.
pub const TEN_YEARS: Duration = Duration::from_hours(24 * 3650);

/// From the largest to the smallest, in nanoseconds.
const UNITS: [(u128, &str); 7] = [
    (86_400_000_000_000, "d"),
    (3_600_000_000_000, "h"),
    (60_000_000_000, "m"),
    (1_000_000_000, "s"),
    (1_000_000, "ms"),
    (1_000, "us"),
    (1, "ns"),
];

/// Refuses a duration out of bounds.
///
/// # Errors
/// If it is.
pub fn check_duration(
    key: &str,
    duration: Duration,
    bounds: RangeInclusive<Duration>,
) -> Result<(), ConfigError> {
    if bounds.contains(&duration) {
        return Ok(());
    }
    Err(out_of_bounds(key, &text(*bounds.start()), &text(*bounds.end()), &text(duration)))
}

/// Refuses a number out of bounds.
///
/// # Errors
/// If it is.
pub fn check_number<T: PartialOrd + Display>(
    key: &str,
    number: T,
    bounds: RangeInclusive<T>,
) -> Result<(), ConfigError> {
    if bounds.contains(&number) {
        return Ok(());
    }
    Err(out_of_bounds(key, bounds.start(), bounds.end(), &number))
}

fn out_of_bounds<T: Display + ?Sized>(key: &str, least: &T, most: &T, found: &T) -> ConfigError {
    ConfigError::invalid(key, format!("at least {least} and at most {most}, not {found}"))
}

/// A number of the largest unit without a rest, such as `75s` or `365d`: most were written so.
pub fn text(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let fits = |(unit, _): &&(u128, &str)| nanos > 0 && nanos.is_multiple_of(*unit);
    UNITS.iter().find(fits).map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", nanos / unit))
}

/// For `#[serde(with = "duration")]`.
pub mod duration {
    use super::{Deserialize, Deserializer, Duration, Error, Serializer, text};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*duration))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let expected = "expected a number and a unit, such as 75s, 12h or 30d";
        humantime::parse_duration(&String::deserialize(deserializer)?).map_err(|_| D::Error::custom(expected))
    }
}
