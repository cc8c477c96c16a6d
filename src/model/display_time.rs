use serde::{Deserialize, Serialize};

use super::{FromJson, Json};

/// A time as a page shows it. How long ago it is depends on when one looks: `words::relative` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayTime {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// RFC 3339, UTC.
    pub machine: String,
    /// For a tooltip, such as "22 November 2026, 21:14 UTC".
    pub exact: String,
}

impl FromJson for DisplayTime {
    fn from_json(json: &impl Json) -> Option<Self> {
        let text = |key| json.get(key)?.text();
        Some(Self { at: json.get("at")?.integer()?, machine: text("machine")?, exact: text("exact")? })
    }
}
