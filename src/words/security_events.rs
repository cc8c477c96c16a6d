//! The security events of an account, on its activity page.

use crate::model::{EndReason, SecurityEventKind};

/// An entry of the audit log; `device` names the device of a user agent.
pub fn security_event(kind: &SecurityEventKind, device: impl Fn(&str) -> String) -> String {
    match kind {
        SecurityEventKind::Registered => "Account created".into(),
        SecurityEventKind::SignedIn => "Signed in".into(),
        SecurityEventKind::SignInRefused => "Sign-in refused: wrong password".into(),
        SecurityEventKind::SignedOut => "Signed out".into(),
        SecurityEventKind::SessionEnded { reason, user_agent } => {
            format!("Session on {} {}", device(user_agent), how_it_ended(*reason))
        }
        SecurityEventKind::SteppedUp => "Confirmed by password".into(),
        SecurityEventKind::StepUpRefused => "Confirmation refused: wrong password".into(),
        SecurityEventKind::NameChanged => "Name changed".into(),
        SecurityEventKind::PasswordChanged => "Password changed".into(),
        SecurityEventKind::PasswordChangeRefused => "Password change refused: wrong password".into(),
        SecurityEventKind::NewDevice => "Signed in on a new device".into(),
        SecurityEventKind::SignInReported => "Sign-in reported: “This wasn't me”".into(),
        SecurityEventKind::PasswordResetRequested => "Link to reset the password requested".into(),
        SecurityEventKind::PasswordReset => "Password reset by mail".into(),
        SecurityEventKind::EmailVerified => "Email address confirmed".into(),
        SecurityEventKind::EmailChangeRequested => "Change of email address requested".into(),
        SecurityEventKind::EmailChanged => "Email address changed".into(),
        SecurityEventKind::EmailChangeUndone => "Change of email address undone".into(),
        SecurityEventKind::DataDownloaded => "Data downloaded".into(),
        SecurityEventKind::AccountDeletionRequested => "Deletion of the account requested".into(),
        SecurityEventKind::AccountRestored => "Deletion of the account cancelled by signing in".into(),
        SecurityEventKind::AccountDeleted => "Account deleted".into(),
        SecurityEventKind::AccountDisabled => "Account disabled by an administrator".into(),
        SecurityEventKind::AccountEnabled => "Account enabled by an administrator".into(),
    }
}

fn how_it_ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::SignedOut => "signed out",
        EndReason::Replaced => "replaced by a new one",
        EndReason::EndedElsewhere => "ended from another device",
        EndReason::PasswordChanged => "ended because the password was changed",
        EndReason::ExpiredIdle => "expired after a while without activity",
        EndReason::ExpiredAbsolute => "expired after reaching its maximum length",
        EndReason::EndedByAdministrator => "ended by an administrator",
        EndReason::TooManySessions => "ended because there were too many sessions",
        EndReason::Reported => "ended because the owner had not signed in there",
        EndReason::EmailChangeUndone => "ended because a change of the email address was undone",
        EndReason::AccountDeleted => "ended because the account is being deleted",
        EndReason::AccountDisabled => "ended because the account was disabled",
    }
}
