//! From an internal error to what a person may see of it. The one place that logs the causes.

use super::{
    audit::AuditError, credentials::PasswordError, db::DatabaseError, domain::error_chain, limits::TooMany,
    sessions::SessionError,
};
use crate::model::AppError;

/// Why a use case failed. Expected outcomes are not errors.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("the database failed")]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("the session could not be read or written")]
    Session(#[from] SessionError),
    #[error("the password could not be hashed")]
    Password(#[from] PasswordError),
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl ServerError {
    fn shown(&self) -> AppError {
        match self {
            Self::Database(error) if error.is_unavailable() => AppError::Unavailable,
            Self::Audit(AuditError(cause))
                if cause.downcast_ref().is_some_and(DatabaseError::is_unavailable) =>
            {
                AppError::Unavailable
            }
            Self::Session(SessionError::Ended) => AppError::SignInRequired,
            Self::Session(SessionError::Store(_) | SessionError::TimedOut | SessionError::Unknown) => {
                AppError::Unavailable
            }
            Self::Password(PasswordError::Busy) => AppError::Busy,
            Self::TooMany(too_many) => AppError::TooMany { seconds: too_many.seconds() },
            Self::Database(_) | Self::Audit(_) | Self::Session(_) | Self::Password(_) => AppError::Internal,
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
        let cause = error_chain(&error);
        match shown {
            // No fault: the session has ended while the request was being handled.
            AppError::SignInRequired => {}
            // Strangers could fill the log.
            AppError::TooMany { .. } => tracing::debug!(cause, "refused"),
            AppError::Busy | AppError::Unavailable => tracing::warn!(cause, "unavailable"),
            _ => tracing::error!(cause, "failed"),
        }
        shown
    }
}
