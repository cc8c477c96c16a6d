use serde::{Deserialize, Serialize};

/// Why a session ended; stored in its tombstone, and shown on the sign-in page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    SignedOut,
    /// Another id took its place, at sign-in or step-up.
    Replaced,
    /// From the list of sessions, on another device.
    EndedElsewhere,
    PasswordChanged,
    /// There was no activity within the idle timeout.
    ExpiredIdle,
    /// The absolute timeout was reached.
    ExpiredAbsolute,
    EndedByAdministrator,
    /// The account had more sessions than it may, and this one was not used for the longest time.
    TooManySessions,
    /// The owner has said of its sign-in: this wasn't me.
    Reported,
    EmailChangeUndone,
    /// The owner wants the account deleted.
    AccountDeleted,
    /// By the operator.
    AccountDisabled,
}

impl EndReason {
    pub const ALL: [EndReason; 12] = [
        EndReason::SignedOut,
        EndReason::Replaced,
        EndReason::EndedElsewhere,
        EndReason::PasswordChanged,
        EndReason::ExpiredIdle,
        EndReason::ExpiredAbsolute,
        EndReason::EndedByAdministrator,
        EndReason::TooManySessions,
        EndReason::Reported,
        EndReason::EmailChangeUndone,
        EndReason::AccountDeleted,
        EndReason::AccountDisabled,
    ];

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            EndReason::SignedOut => "signed_out",
            EndReason::Replaced => "replaced",
            EndReason::EndedElsewhere => "ended_elsewhere",
            EndReason::PasswordChanged => "password_changed",
            EndReason::ExpiredIdle => "expired_idle",
            EndReason::ExpiredAbsolute => "expired_absolute",
            EndReason::EndedByAdministrator => "ended_by_administrator",
            EndReason::TooManySessions => "too_many_sessions",
            EndReason::Reported => "reported",
            EndReason::EmailChangeUndone => "email_change_undone",
            EndReason::AccountDeleted => "account_deleted",
            EndReason::AccountDisabled => "account_disabled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}
