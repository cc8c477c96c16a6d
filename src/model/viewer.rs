//! The person (or nobody) that a page is drawn for.

use serde::{Deserialize, Serialize};

/// Who is looking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Viewer {
    #[default]
    Anonymous,
    SignedIn(SignedIn),
}

/// What a page may know of the account it is drawn for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub name: String,
    pub email: String,
    pub admin: bool,
    /// Proved a short while ago that it is them.
    pub fresh: bool,
    /// The public handle of the session.
    pub session: String,
}

impl Viewer {
    pub fn account(&self) -> Option<&SignedIn> {
        match self {
            Viewer::Anonymous => None,
            Viewer::SignedIn(account) => Some(account),
        }
    }
}
