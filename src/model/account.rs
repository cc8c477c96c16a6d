//! What an account's pages show.

use serde::{Deserialize, Serialize};

use super::{EndReason, Moment};

/// A way of proving who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    Password,
}

impl Method {
    /// As it is stored: named as in RFC 8176 where that has a name.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Password => "pwd",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Method::Password].into_iter().find(|method| method.as_str() == text)
    }
}

/// A live session of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Its public name; gives no access.
    pub handle: String,
    /// Browser and system in words, such as "Firefox on Linux".
    pub device: String,
    /// The IP address that it was begun from.
    pub address: String,
    pub signed_in: Moment,
    pub last_active: Moment,
    pub methods: Vec<Method>,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
    /// The session that looks at the list.
    pub current: bool,
}

/// A page of an account's security events, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    pub entries: Vec<ActivityEntry>,
    /// Counted from 1.
    pub page: u32,
    /// There is another page after this.
    pub more: bool,
}

/// A security event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    pub what: Activity,
    pub at: Moment,
    /// Browser and system in words of whoever did it.
    pub device: String,
    /// The IP address that it was done from.
    pub address: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    Registered,
    SignedIn,
    SignInRefused,
    SignedOut,
    SessionEnded {
        reason: EndReason,
        /// The device whose session ended.
        device: String,
    },
    SteppedUp,
    StepUpRefused,
    NameChanged,
    PasswordChanged,
    PasswordChangeRefused,
}
