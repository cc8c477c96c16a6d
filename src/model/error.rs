//! What can go wrong with a server function, apart from its expected outcomes.

use std::fmt;

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use super::{FromJson, Json};

/// A fault, without free text: `words` has the sentences, and no cause can leak through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// No session, or one that has ended.
    SignInRequired,
    /// The session is live, but was authenticated too long ago: step-up is needed.
    ConfirmRequired,
    Forbidden,
    /// The request comes from another site, or from another address of this one.
    CrossSite,
    /// The request could not be understood.
    BadRequest,
    /// The request is larger than the server accepts.
    TooLarge,
    /// This client, or this account, has tried too often; after so many seconds it may try again. Zero if it is
    /// not known after how many.
    TooMany {
        seconds: u32,
    },
    /// Too many at once; the same request may succeed in a few seconds.
    Busy,
    /// A store does not answer; the same request may succeed later.
    Unavailable,
    Internal,
    /// The server could not be reached, or something else has answered.
    Unreachable,
}

impl AppError {
    /// The HTTP status that says the same.
    pub fn status(self) -> u16 {
        match self {
            AppError::SignInRequired => 401,
            AppError::ConfirmRequired | AppError::Forbidden | AppError::CrossSite => 403,
            AppError::BadRequest => 400,
            AppError::TooLarge => 413,
            AppError::TooMany { .. } => 429,
            AppError::Busy | AppError::Unavailable => 503,
            AppError::Internal | AppError::Unreachable => 500,
        }
    }

    /// The error for a status, if nothing else is known.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => AppError::SignInRequired,
            403 => AppError::Forbidden,
            413 => AppError::TooLarge,
            429 => AppError::TooMany { seconds: 0 },
            502..=504 => AppError::Unavailable,
            500.. => AppError::Internal,
            _ => AppError::BadRequest,
        }
    }

    /// The error of this name, as an answer carries it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.as_str() == name)
    }

    const ALL: [Self; 11] = [
        Self::SignInRequired,
        Self::ConfirmRequired,
        Self::Forbidden,
        Self::CrossSite,
        Self::BadRequest,
        Self::TooLarge,
        Self::TooMany { seconds: 0 },
        Self::Busy,
        Self::Unavailable,
        Self::Internal,
        Self::Unreachable,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::SignInRequired => "SignInRequired",
            Self::ConfirmRequired => "ConfirmRequired",
            Self::Forbidden => "Forbidden",
            Self::CrossSite => "CrossSite",
            Self::BadRequest => "BadRequest",
            Self::TooLarge => "TooLarge",
            Self::TooMany { .. } => "TooMany",
            Self::Busy => "Busy",
            Self::Unavailable => "Unavailable",
            Self::Internal => "Internal",
            Self::Unreachable => "Unreachable",
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
            // A body that is not UTF-8 or breaks off: no fault of the program.
            ServerFnErrorErr::Deserialization(_) => AppError::BadRequest,
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => AppError::Unreachable,
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Serialization(_) => AppError::Internal,
        }
    }
}

impl FromJson for AppError {
    fn from_json(json: &impl Json) -> Option<Self> {
        match json.get("TooMany") {
            Some(too_many) => {
                Some(Self::TooMany { seconds: u32::try_from(too_many.get("seconds")?.integer()?).ok()? })
            }
            None => Self::parse(&json.text()?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::reads_back;

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        AppError::ALL.into_iter().for_each(reads_back);
        reads_back(AppError::TooMany { seconds: 900 });
    }

    #[test]
    fn versions_understand_each_other_about_waiting() {
        let read =
            |text: &str| AppError::from_json(&serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
        assert_eq!(read(r#""TooMany""#), Some(AppError::TooMany { seconds: 0 }), "of an older server");
        // An older page knows only names, and takes the status instead.
        assert_eq!(AppError::of_status(429), AppError::TooMany { seconds: 0 });
        assert_eq!(read(r#"{"TooMany":{"seconds":-1}}"#), None);
    }
}
