use std::time::Duration;

use super::SessionId;
use crate::model::EndReason;

/// The session status of a request when it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// No cookie, or one whose session is not known.
    Anonymous,
    Ended(EndReason),
    Live,
    /// The store does not answer. That is not a sign-out: it is unknown who this is.
    Unavailable,
}

/// What the response does about the session cookie.
#[derive(Debug)]
pub enum CookieChange {
    Keep,
    /// Without `max_age` the browser keeps it until it is closed.
    Set {
        id: SessionId,
        max_age: Option<Duration>,
    },
    Remove,
}
