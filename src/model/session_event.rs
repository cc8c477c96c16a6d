//! Session events: what the server reports to open pages about their session.

use serde::{Deserialize, Serialize};

use super::{DisplayTime, EndReason, FromJson, Json};

/// An event of `/session/events`, an answer of `/api/session_status`, and what the tabs of a browser
/// send to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEvent {
    /// The public handle of the session; `None` if there is none, or it is unknown which it was.
    pub session: Option<String>,
    pub state: SessionState,
    /// Of a session that is live.
    pub times: Option<SessionTimes>,
}

/// The state of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    Live,
    /// It ends soon.
    Ending {
        seconds: u32,
        /// Activity would extend it; `false` once it reaches its absolute timeout.
        extendable: bool,
    },
    Ended {
        reason: Option<EndReason>,
    },
}

/// The times of a live session, as of `now`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTimes {
    /// Milliseconds since the Unix epoch, by the server's clock.
    pub now: i64,
    pub started: DisplayTime,
    pub last_active: DisplayTime,
    /// When it ends without further activity.
    pub ends: DisplayTime,
    /// Activity makes it last longer.
    pub extendable: bool,
}

impl SessionState {
    /// The same state, though perhaps with other seconds left.
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Ending { extendable: one, .. }, Self::Ending { extendable: other, .. }) => one == other,
            _ => self == other,
        }
    }
}

impl FromJson for SessionEvent {
    fn from_json(json: &impl Json) -> Option<Self> {
        let session = json.get("session").and_then(|session| session.text());
        let times = json.get("times").and_then(|times| SessionTimes::from_json(&times));
        Some(Self { session, state: SessionState::from_json(&json.get("state")?)?, times })
    }
}

impl FromJson for SessionState {
    fn from_json(json: &impl Json) -> Option<Self> {
        if let Some(ended) = json.get("ended") {
            let reason = ended.get("reason").and_then(|reason| EndReason::parse(&reason.text()?));
            Some(Self::Ended { reason })
        } else if let Some(ending) = json.get("ending") {
            let seconds = u32::try_from(ending.get("seconds")?.integer()?).ok()?;
            Some(Self::Ending { seconds, extendable: ending.get("extendable")?.is_true() })
        } else {
            (json.text()? == "live").then_some(Self::Live)
        }
    }
}

impl FromJson for SessionTimes {
    fn from_json(json: &impl Json) -> Option<Self> {
        let time = |key| DisplayTime::from_json(&json.get(key)?);
        Some(Self {
            now: json.get("now")?.integer()?,
            started: time("started")?,
            last_active: time("last_active")?,
            ends: time("ends")?,
            extendable: json.get("extendable")?.is_true(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::reads_back;

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let time = |at| DisplayTime { at, machine: format!("m{at}"), exact: format!("e{at}") };
        let (started, last_active, ends) = (time(1), time(2), time(3));
        let times = SessionTimes { now: 1_764_000_000_000, started, last_active, ends, extendable: true };
        let ended = |reason| SessionState::Ended { reason };
        let mut states = vec![
            SessionState::Live,
            SessionState::Ending { seconds: 119, extendable: true },
            SessionState::Ending { seconds: 0, extendable: false },
            ended(None),
        ];
        states.extend(EndReason::ALL.map(|reason| ended(Some(reason))));
        for state in states {
            for (session, times) in [(None, None), (Some("handle".to_owned()), Some(times.clone()))] {
                reads_back(SessionEvent { session, state, times });
            }
        }
    }
}
