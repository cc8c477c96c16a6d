use serde::{Deserialize, Serialize};

use super::EndReason;

/// What an entry of the audit log is about: stored under these names, and worded by
/// `words::security_event`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SecurityEventKind {
    Registered,
    SignedIn,
    SignInRefused,
    SignedOut,
    /// The session expired, or was ended by another client than its own.
    SessionEnded {
        reason: EndReason,
        /// Of the session that ended.
        #[serde(default)]
        user_agent: String,
    },
    SteppedUp,
    StepUpRefused,
    NameChanged,
    PasswordChanged,
    PasswordChangeRefused,
    /// A sign-in from a browser that had not signed in to the account before.
    NewDevice,
    /// The owner has said of a session: this wasn't me.
    SignInReported,
    PasswordResetRequested,
    PasswordReset,
    EmailVerified,
    EmailChangeRequested,
    EmailChanged,
    EmailChangeUndone,
    DataDownloaded,
    AccountDeletionRequested,
    /// The owner has signed in before the account was deleted.
    AccountRestored,
    AccountDeleted,
    AccountDisabled,
    AccountEnabled,
}

impl SecurityEventKind {
    /// Failed attempts.
    pub const REFUSALS: [Self; 3] = [Self::SignInRefused, Self::StepUpRefused, Self::PasswordChangeRefused];

    /// True for a failed attempt: the account's owner should look at it.
    pub fn is_refusal(&self) -> bool {
        Self::REFUSALS.contains(self)
    }
}
