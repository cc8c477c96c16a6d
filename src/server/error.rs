//! From an internal error to what a person may see of it. The one place that logs causes.

use std::error::Error;

use super::{credentials::PasswordError, sessions::SessionError};
use crate::model::AppError;

/// Why a use case could not be carried out. Expected outcomes are not errors.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("the session could not be kept")]
    Session(#[from] SessionError),
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
}

impl ServerError {
    fn shown(&self) -> AppError {
        match self {
            ServerError::Database(error) if unavailable(error) => AppError::Unavailable,
            ServerError::Session(SessionError::Ended) => AppError::SignInRequired,
            ServerError::Session(
                SessionError::Store(_) | SessionError::TimedOut | SessionError::Unavailable(_),
            ) => AppError::Unavailable,
            ServerError::Password(PasswordError::Busy) => AppError::Busy,
            ServerError::Database(_) | ServerError::Session(_) | ServerError::Password(_) => {
                AppError::Internal
            }
        }
    }
}

impl From<SessionError> for AppError {
    fn from(error: SessionError) -> Self {
        ServerError::from(error).into()
    }
}

impl From<ServerError> for AppError {
    fn from(error: ServerError) -> Self {
        let shown = error.shown();
        match shown {
            // Nothing is wrong: it ended while the request was under way.
            AppError::SignInRequired => {}
            AppError::Busy | AppError::Unavailable => tracing::warn!(cause = %chain(&error), "refused"),
            _ => tracing::error!(cause = %chain(&error), "failed"),
        }
        shown
    }
}

/// True when the database itself is out of reach, as opposed to a statement that is wrong.
pub fn unavailable(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)
    ) || error.as_database_error().is_some_and(|error| {
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN and their extended codes
        error
            .code()
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| [5, 6, 10, 13, 14].contains(&(code & 0xff)))
    })
}

/// An error and its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
