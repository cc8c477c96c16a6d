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
    }
}
