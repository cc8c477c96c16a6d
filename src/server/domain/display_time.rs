//! Timestamps as pages show them.

use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::Timestamp;
use crate::model::DisplayTime;

/// A timestamp for machines and for a tooltip; `words::relative` says how long ago it is.
pub fn display_time(at: Timestamp) -> DisplayTime {
    let utc = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.millis()) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let exact = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    DisplayTime {
        at: at.millis(),
        machine: utc.format(&Rfc3339).unwrap_or_default(),
        exact: utc.format(exact).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_utc() {
        let time = display_time(Timestamp::from_millis(1_764_000_000_000));
        assert_eq!(time.exact, "24 November 2025, 16:00 UTC");
        assert_eq!(time.machine, "2025-11-24T16:00:00Z");
        assert_eq!(time.at, 1_764_000_000_000);
    }
}
