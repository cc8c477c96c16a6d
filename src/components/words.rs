//! The sentences for what is wrong with a field, what came of a form, and why a session ended.

use crate::model::{EndReason, Field, Notice, Problem};

/// Says what is wrong and what would be right.
pub fn words(field: Field, problem: Problem) -> String {
    match (field, problem) {
        (Field::Name, Problem::Missing) => "Enter your name.".into(),
        (Field::Email, Problem::Missing) => "Enter your email address.".into(),
        (Field::Password, Problem::Missing) => "Enter a password.".into(),
        (Field::CurrentPassword, Problem::Missing) => "Enter your current password.".into(),
        (Field::NewPassword, Problem::Missing) => "Enter a new password.".into(),
        (_, Problem::Wrong) => "That is not your password.".into(),
        (Field::Email, Problem::Malformed) => "Enter an email address like name@example.org.".into(),
        (Field::Email, Problem::Taken) => "There is already an account with this email address.".into(),
        (Field::Password | Field::NewPassword, Problem::SameAsOther) => {
            "Choose a password that is not your name or email address.".into()
        }
        (_, Problem::TooShort(least)) => format!("Use at least {least} characters."),
        (_, Problem::TooLong(most)) => format!("Use at most {most} characters."),
        (_, Problem::Unprintable) => "Remove the characters that cannot be seen.".into(),
        (_, Problem::Malformed | Problem::Taken | Problem::SameAsOther) => "Choose something else.".into(),
    }
}

/// Says what came of a form.
pub fn notice(notice: Notice) -> String {
    match notice {
        Notice::SessionEnded => "The session has ended.".into(),
        Notice::SessionGone => "That session had ended already.".into(),
        Notice::OthersEnded(0) => "There was no other session to end.".into(),
        Notice::OthersEnded(ended) => format!("{} ended.", sessions(ended)),
        Notice::NameChanged => "Your name has been changed.".into(),
        Notice::PasswordChanged(0) => "Your password has been changed.".into(),
        Notice::PasswordChanged(ended) => {
            format!("Your password has been changed, and {} ended.", sessions(ended))
        }
    }
}

fn sessions(count: u32) -> String {
    if count == 1 { "1 other session has".into() } else { format!("{count} other sessions have") }
}

/// Tells somebody who comes back why they are signed out. Who only got a new session finds out
/// without words.
pub fn farewell(reason: EndReason) -> Option<&'static str> {
    Some(match reason {
        EndReason::Replaced => return None,
        EndReason::SignedOut => "You have signed out.",
        EndReason::EndedElsewhere => {
            "This session was ended from another device. If that was not you, sign in and change your password."
        }
        EndReason::PasswordChanged => {
            "You were signed out because your password was changed on another device."
        }
        EndReason::ExpiredIdle => "You were signed out because nobody had been active here for a while.",
        EndReason::ExpiredAbsolute => {
            "You were signed out because a session lasts only so long, even if it is used."
        }
        EndReason::EndedByAdministrator => "An administrator ended this session.",
    })
}
