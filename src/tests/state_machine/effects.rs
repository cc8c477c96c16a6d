//! The effects of an operation, in the model and in the engine.

use super::session::CookieStatus;

/// The effects of one operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The status that a request started with.
    pub opened: Option<CookieStatus>,
    /// The handle of the session that a request tried to end.
    pub target: Option<usize>,
    pub result: Option<RequestResult>,
    /// How many sessions an administrator ended.
    pub ended: usize,
}

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestResult {
    pub outcome: Outcome,
    pub cookie: Cookie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Not signed in, or no longer.
    Refused,
    /// This many sessions were ended.
    Ended(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Unchanged,
    Set(usize),
    Removed,
}
