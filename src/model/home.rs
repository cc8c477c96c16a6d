//! What the home page shows.

use serde::{Deserialize, Serialize};

/// The session that looks at the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Browser and system in words, such as "Firefox on Linux".
    pub device: String,
    pub started: Moment,
    pub last_active: Moment,
    /// When it ends if nobody comes back.
    pub ends: Moment,
    /// Coming back would make it last longer.
    pub prolongable: bool,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
}

/// A moment, worded by the server, so that the browser needs neither clock nor calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339, UTC.
    pub machine: String,
    /// For a tooltip, such as "22 November 2026, 21:14 UTC".
    pub exact: String,
    /// Against the time of the answer, such as "3 minutes ago" or "in 12 hours".
    pub relative: String,
}
