//! What an open page hears of its session.

use serde::{Deserialize, Serialize};

use super::EndReason;

/// A message of `/session/events`, and of the tabs of a browser among themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionNews {
    /// The public handle of the session; `None` if there is none, or nobody knows which it was.
    pub session: Option<String>,
    pub state: SessionState,
}

/// How a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    Live,
    /// It ends soon; whoever is there can prolong it, unless it has lived as long as any may.
    Ending {
        seconds: u32,
        prolongable: bool,
    },
    Ended {
        reason: Option<EndReason>,
    },
}

impl SessionState {
    /// The same news, though perhaps of another moment.
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Ending { prolongable: one, .. }, Self::Ending { prolongable: other, .. }) => one == other,
            _ => self == other,
        }
    }
}
