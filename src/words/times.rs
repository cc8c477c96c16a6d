//! Times, relative to now.

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time `at` relative to `now`: "3 minutes ago", "in 12 hours". Both in milliseconds since the epoch.
pub fn relative(at: i64, now: i64) -> String {
    match (at > now, amount(at.abs_diff(now))) {
        (true, Some(amount)) => "in ".to_owned() + &amount,
        (true, None) => "in a moment".to_owned(),
        (false, Some(amount)) => amount + " ago",
        (false, None) => "just now".to_owned(),
    }
}

/// Like [`relative`], but to the second in the last five minutes: "in 1:05 minutes".
pub fn countdown(at: i64, now: i64) -> String {
    let left = at.saturating_sub(now);
    if (1..5 * MINUTE).contains(&left) {
        "in ".to_owned() + &remaining(u32::try_from(left / SECOND).unwrap_or_default())
    } else {
        relative(at, now)
    }
}

/// The units of [`remaining`].
pub const ONE_SECOND: &str = "1 second";
pub const SECONDS: &str = " seconds";
pub const MINUTES: &str = " minutes";

/// A duration to the second: "59 seconds", "1:05 minutes".
pub fn remaining(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, 1) => ONE_SECOND.to_owned(),
        (0, seconds) => seconds.to_string() + SECONDS,
        (minutes, seconds) => {
            minutes.to_string() + if seconds < 10 { ":0" } else { ":" } + &seconds.to_string() + MINUTES
        }
    }
}

/// The largest unit that fits, rounded; `None` below a minute.
fn amount(millis: u64) -> Option<String> {
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    let rounded = |unit: i64| millis.saturating_add(unit / 2) / unit;
    let (count, unit) = match millis {
        ..MINUTE => return None,
        MINUTE.. if rounded(MINUTE) < 60 => (rounded(MINUTE), " minute"),
        _ if rounded(HOUR) < 48 => (rounded(HOUR), " hour"),
        _ => (rounded(DAY), " day"),
    };
    Some(count.to_string() + unit + if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_000_000_000;

    #[test]
    fn times_round_to_what_a_person_would_say() {
        let later = |millis| relative(NOW + millis, NOW);
        let ago = |millis| relative(NOW - millis, NOW);
        assert_eq!(later(5 * SECOND), "in a moment");
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(61 * SECOND), "1 minute ago");
        assert_eq!(ago(59 * MINUTE + 40 * SECOND), "1 hour ago");
        assert_eq!(later(12 * HOUR - 3 * SECOND), "in 12 hours");
        assert_eq!(later(24 * HOUR - 3 * SECOND), "in 24 hours");
        assert_eq!(later(14 * DAY - 3 * SECOND), "in 14 days");
        relative(i64::MIN, i64::MAX);
        relative(i64::MAX, i64::MIN);
    }

    #[test]
    fn an_end_that_is_near_counts_down_by_the_second() {
        let left = |millis| countdown(NOW + millis, NOW);
        assert_eq!(left(12 * HOUR), "in 12 hours");
        assert_eq!(left(5 * MINUTE), "in 5 minutes");
        assert_eq!(left(5 * MINUTE - 1), "in 4:59 minutes");
        assert_eq!(left(65 * SECOND), "in 1:05 minutes");
        assert_eq!(left(59 * SECOND), "in 59 seconds");
        assert_eq!(left(1500), "in 1 second");
        assert_eq!(left(0), "just now");
    }
}
