//! Timestamps in words.

use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::clock::Timestamp;
use crate::model::Moment;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Words `at` against `now`.
pub fn moment(at: Timestamp, now: Timestamp) -> Moment {
    let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let exact = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    Moment {
        machine: utc.format(&Rfc3339).unwrap_or_default(),
        exact: utc.format(exact).unwrap_or_default(),
        relative: relative(at, now),
    }
}

fn relative(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        match amount(at.since(now).as_secs()) {
            Some(amount) => format!("in {amount}"),
            None => "in a moment".to_owned(),
        }
    } else {
        match amount(now.since(at).as_secs()) {
            Some(amount) => format!("{amount} ago"),
            None => "just now".to_owned(),
        }
    }
}

/// The largest unit that fits, rounded; `None` below a minute.
fn amount(seconds: u64) -> Option<String> {
    let rounded = |unit: u64| (seconds + unit / 2) / unit;
    let (count, name) = match seconds {
        0..MINUTE => return None,
        MINUTE.. if rounded(MINUTE) < 60 => (rounded(MINUTE), "minute"),
        _ if rounded(HOUR) < 48 => (rounded(HOUR), "hour"),
        _ => (rounded(DAY), "day"),
    };
    Some(format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn words_round_to_what_a_person_would_say() {
        let now = Timestamp::from_millis(1_764_000_000_000);
        let later = |seconds| relative(now + Duration::from_secs(seconds), now);
        let ago = |seconds| relative(now, now + Duration::from_secs(seconds));
        assert_eq!(later(5), "in a moment");
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(61), "1 minute ago");
        assert_eq!(ago(59 * 60 + 40), "1 hour ago");
        assert_eq!(later(12 * HOUR - 3), "in 12 hours");
        assert_eq!(later(24 * HOUR - 3), "in 24 hours");
        assert_eq!(later(14 * DAY - 3), "in 14 days");
        assert_eq!(moment(now, now).exact, "24 November 2025, 16:00 UTC");
        assert_eq!(moment(now, now).machine, "2025-11-24T16:00:00Z");
    }
}
