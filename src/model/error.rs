//! What can go wrong with a server function, apart from its expected outcomes.

use std::fmt;

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A fault, without free text: the page owns the words, and no cause can leak through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// No session, or one that has ended.
    SignInRequired,
    /// The session is fine, but the last proof is too old.
    ConfirmRequired,
    Forbidden,
    /// The request could not be understood.
    BadRequest,
    /// Too many at once; the same request may succeed in a few seconds.
    Busy,
    /// A store does not answer; the same request may succeed later.
    Unavailable,
    Internal,
    /// The server could not be reached, or what answered was not it.
    Unreachable,
}

impl AppError {
    /// The HTTP status that says the same.
    pub fn status(self) -> u16 {
        match self {
            AppError::SignInRequired => 401,
            AppError::ConfirmRequired | AppError::Forbidden => 403,
            AppError::BadRequest => 400,
            AppError::Busy | AppError::Unavailable => 503,
            AppError::Internal | AppError::Unreachable => 500,
        }
    }

    /// The error that a status stands for, where nothing more is known.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => AppError::SignInRequired,
            403 => AppError::Forbidden,
            503 => AppError::Unavailable,
            500.. => AppError::Internal,
            _ => AppError::BadRequest,
        }
    }

    /// A sentence for the person in front of the page.
    pub fn words(self) -> &'static str {
        match self {
            AppError::SignInRequired => "Please sign in to go on.",
            AppError::ConfirmRequired => "Please confirm that it is you.",
            AppError::Forbidden => "Your account may not do this.",
            AppError::BadRequest => "The form could not be read. Reload the page and try again.",
            AppError::Busy => "Many people are signing in right now. Please try again in a few seconds.",
            AppError::Unavailable => "The service is not available for a moment. Please try again shortly.",
            AppError::Internal => "Something went wrong on our side. Please try again.",
            AppError::Unreachable => "The server could not be reached. Check your connection and try again.",
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl std::error::Error for AppError {}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_) => AppError::BadRequest,
            // On the server a body that is not UTF-8 or breaks off ends here, in the browser an
            // answer that does: both are a conversation that failed, not a fault of the program.
            ServerFnErrorErr::Deserialization(_) => AppError::BadRequest,
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => AppError::Unreachable,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_) => AppError::Internal,
        }
    }
}
