//! Why a session has ended, on the sign-in page.

use crate::model::EndReason;

/// Says why the session has ended. `None` if only its id was replaced.
pub fn end_reason(reason: EndReason) -> Option<&'static str> {
    Some(match reason {
        EndReason::Replaced => return None,
        EndReason::SignedOut => "You have signed out.",
        EndReason::EndedElsewhere => {
            "This session was ended from another device. If that was not you, sign in and change your password."
        }
        EndReason::PasswordChanged => {
            "You were signed out because your password was changed on another device."
        }
        EndReason::ExpiredIdle => "You were signed out after a while without activity.",
        EndReason::ExpiredAbsolute => "You were signed out because your session reached its maximum length.",
        EndReason::EndedByAdministrator => "An administrator ended this session.",
        EndReason::Reported => {
            "This session was ended because the owner of the account did not recognise it."
        }
        EndReason::EmailChangeUndone => {
            "You were signed out because a change of the account's email address was undone."
        }
        EndReason::AccountDeleted => "Your account will be deleted in a day. Sign in before then to keep it.",
        EndReason::AccountDisabled => "You were signed out by an administrator.",
        EndReason::TooManySessions => "You were signed out here because you signed in on many other devices.",
    })
}
