use super::StoreError;

/// Why a session could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the session store did not answer in time")]
    TimedOut,
    /// There may be a session, but it could not be read when the request began.
    #[error("it is unknown whether the request has a session")]
    Unknown,
    #[error("the session was written after the head of the response was sent")]
    Closed,
    /// The request has no signed-in session, or it has ended meanwhile.
    #[error("the session has ended")]
    Ended,
    #[error("a value of the session could not be read or written")]
    Values(#[from] tower_sessions::session::Error),
}
