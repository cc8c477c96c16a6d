//! The sentences that people read: one place to read them, to mend them, to translate them.
//!
//! Most are put into pages and outcomes by the server. What a browser says by itself (faults, times,
//! the end of a session) is here as well, in integers and plain concatenation: float formatting alone
//! would weigh more than all the sentences.

use crate::model::{AppError, EndReason, SecurityEventKind, Strength};

/// The name of the product, as titles and pages show it.
pub const PRODUCT: &str = "Vestibule";

/// Of a new password; `credentials` has the rule.
pub const PASSWORD_HINT: &str = "At least 8 characters. A few unrelated words make a good one.";
pub const SHOW_PASSWORD: &str = "Show password";

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Missing,
    /// Fewer characters than this.
    TooShort(u16),
    /// More characters than this.
    TooLong(u16),
    /// Not of the form that the field asks for.
    Malformed,
    /// Holds characters that cannot be typed or seen.
    Unprintable,
    /// Somebody has it already.
    Taken,
    /// A password that is the name or the email address.
    SameAsOther,
    /// Not the password of the account.
    Wrong,
    /// Of the sign-in form as a whole: no account has this email and password.
    IncorrectCredentials,
}

/// Says what is wrong with the field of this name, and what would be right.
pub fn problem(field: &str, problem: Problem) -> String {
    match (field, problem) {
        ("name", Problem::Missing) => "Enter your name.".into(),
        ("email", Problem::Missing) => "Enter your email address.".into(),
        ("password", Problem::Missing) => "Enter a password.".into(),
        ("current_password", Problem::Missing) => "Enter your current password.".into(),
        ("new_password", Problem::Missing) => "Enter a new password.".into(),
        (_, Problem::Missing) => "Fill in this field.".into(),
        (_, Problem::Wrong) => "Incorrect password.".into(),
        (_, Problem::IncorrectCredentials) => "Incorrect email or password.".into(),
        ("email", Problem::Malformed) => "Enter an email address like name@example.org.".into(),
        ("email", Problem::Taken) => "There is already an account with this email address.".into(),
        ("password" | "new_password", Problem::SameAsOther) => {
            "Choose a password that is not your name or email address.".into()
        }
        (_, Problem::TooShort(min)) => format!("Use at least {min} characters."),
        (_, Problem::TooLong(max)) => format!("Use at most {max} characters."),
        (_, Problem::Unprintable) => "Remove the characters that cannot be seen.".into(),
        (_, Problem::Malformed | Problem::Taken | Problem::SameAsOther) => "Choose something else.".into(),
    }
}

/// What a form led to, where the next page does not show it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SessionEnded,
    /// It had ended already.
    SessionGone,
    /// How many others have ended.
    OthersEnded(usize),
    NameChanged,
    /// How many other sessions have ended with it.
    PasswordChanged(usize),
}

pub fn notice(notice: Notice) -> String {
    match notice {
        Notice::SessionEnded => "The session has ended.".into(),
        Notice::SessionGone => "That session had ended already.".into(),
        Notice::OthersEnded(0) => "There was no other session to end.".into(),
        Notice::OthersEnded(ended) => format!("{} ended.", other_sessions(ended)),
        Notice::NameChanged => "Your name has been changed.".into(),
        Notice::PasswordChanged(0) => "Your password has been changed.".into(),
        Notice::PasswordChanged(ended) => {
            format!("Your password has been changed, and {} ended.", other_sessions(ended))
        }
    }
}

fn other_sessions(count: usize) -> String {
    if count == 1 { "1 other session has".into() } else { format!("{count} other sessions have") }
}

/// Tells people who come back why they are signed out. `None` after a mere change of the id.
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
        EndReason::ExpiredAbsolute => {
            "You were signed out because a session lasts only so long, even if it is used."
        }
        EndReason::EndedByAdministrator => "An administrator ended this session.",
    })
}

/// An entry of the audit log; `device` is the name of the device whose session has ended.
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
        EndReason::PasswordChanged => "ended, since the password was changed",
        EndReason::ExpiredIdle => "expired after a while without activity",
        EndReason::ExpiredAbsolute => "expired: it had reached its maximum length",
        EndReason::EndedByAdministrator => "ended by an administrator",
    }
}

/// The name of the device of an operator who runs a command.
pub const COMMAND_LINE: &str = "Command line of the server";

/// The name of a device, as far as its browser and its system are known.
pub fn device(browser: Option<&str>, system: Option<&str>) -> String {
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("An unknown browser on {system}"),
        (None, None) => "An unknown browser".to_owned(),
    }
}

/// Heading and text of the page for an HTTP error status.
pub fn error_page(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("Please sign in", "This page is for people who are signed in."),
        403 => (
            "You don't have access to this page",
            "Your account has no access to it, or the request came from another site. If you followed a link, open the page again from here.",
        ),
        404 => ("Page not found", "There is nothing at this address. It may have been mistyped or moved."),
        405 => ("That does not work here", "This address does not answer that kind of request."),
        408 => ("That took too long", "The request did not arrive in time. Please try again."),
        429 => ("Too many at once", "Please wait a moment, then try again."),
        413 | 414 | 431 => ("That is too much", "The request is larger than this site accepts."),
        400..=499 => (
            "That did not work",
            "The request could not be understood. Go back, reload the page and try again.",
        ),
        503 => (
            "Not available right now",
            "The service is unavailable at the moment. You are still signed in where you were; please try again shortly.",
        ),
        _ => ("Something went wrong", "The fault is on our side and has been noted. Please try again."),
    }
}

/// A fault, for the person in front of the page.
pub fn error(error: AppError) -> &'static str {
    match error {
        AppError::SignInRequired => "Please sign in to go on.",
        AppError::ConfirmRequired => "Please confirm that it is you.",
        AppError::Forbidden => "You don't have access to this.",
        AppError::BadRequest => "The form could not be read. Reload the page and try again.",
        AppError::TooLarge => "That is more than this site accepts. Shorten it and try again.",
        AppError::TooMany => "Too many attempts. Please wait a moment, then try again.",
        AppError::Busy => "Many people are signing in right now. Please try again in a few seconds.",
        AppError::Unavailable => "The service is unavailable at the moment. Please try again shortly.",
        AppError::Internal => "Something went wrong on our side. Please try again.",
        AppError::Unreachable => "The server could not be reached. Check your connection and try again.",
    }
}

/// Said of an answer that this page does not understand: the server is newer, or another answered.
pub const UNKNOWN_ANSWER: &str =
    "The answer could not be understood. Reload the page to see whether it worked.";

pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Trivial => "Very easy to guess",
        Strength::Weak => "Easy to guess",
        Strength::Fair => "Could be stronger",
        Strength::Good => "Good",
        Strength::Strong => "Strong",
    }
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Says when `at` is, seen from `now`: "3 minutes ago", "in 12 hours". Both in milliseconds.
pub fn relative(at: i64, now: i64) -> String {
    match (at > now, amount(at.abs_diff(now))) {
        (true, Some(amount)) => "in ".to_owned() + &amount,
        (true, None) => "in a moment".to_owned(),
        (false, Some(amount)) => amount + " ago",
        (false, None) => "just now".to_owned(),
    }
}

/// Like [`relative`], and by the second when little is left: "in 1:05 minutes".
pub fn countdown(at: i64, now: i64) -> String {
    let left = at.saturating_sub(now);
    if (1..5 * MINUTE).contains(&left) {
        "in ".to_owned() + &remaining(u32::try_from(left / SECOND).unwrap_or_default())
    } else {
        relative(at, now)
    }
}

/// A short time by the second: "59 seconds", "1:05 minutes".
pub fn remaining(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => seconds.to_string() + " seconds",
        (minutes, seconds) => {
            minutes.to_string() + if seconds < 10 { ":0" } else { ":" } + &seconds.to_string() + " minutes"
        }
    }
}

/// The largest unit that fits, rounded; `None` below a minute.
fn amount(millis: u64) -> Option<String> {
    let millis = i64::try_from(millis).unwrap_or(i64::MAX);
    let rounded = |unit: i64| millis.saturating_add(unit / 2) / unit;
    let (count, unit) = match millis {
        ..MINUTE => return None,
        MINUTE.. if rounded(MINUTE) < 60 => (rounded(MINUTE), " minute"),
        _ if rounded(HOUR) < 48 => (rounded(HOUR), " hour"),
        _ => (rounded(DAY), " day"),
    };
    Some(count.to_string() + unit + if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_000_000_000;

    #[test]
    fn times_round_to_what_a_person_would_say() {
        let later = |millis| relative(NOW + millis, NOW);
        let ago = |millis| relative(NOW - millis, NOW);
        assert_eq!(later(5 * SECOND), "in a moment");
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(61 * SECOND), "1 minute ago");
        assert_eq!(ago(59 * MINUTE + 40 * SECOND), "1 hour ago");
        assert_eq!(later(12 * HOUR - 3 * SECOND), "in 12 hours");
        assert_eq!(later(24 * HOUR - 3 * SECOND), "in 24 hours");
        assert_eq!(later(14 * DAY - 3 * SECOND), "in 14 days");
        relative(i64::MIN, i64::MAX);
        relative(i64::MAX, i64::MIN);
    }

    #[test]
    fn an_end_that_is_near_counts_down_by_the_second() {
        let left = |millis| countdown(NOW + millis, NOW);
        assert_eq!(left(12 * HOUR), "in 12 hours");
        assert_eq!(left(5 * MINUTE), "in 5 minutes");
        assert_eq!(left(5 * MINUTE - 1), "in 4:59 minutes");
        assert_eq!(left(65 * SECOND), "in 1:05 minutes");
        assert_eq!(left(59 * SECOND), "in 59 seconds");
        assert_eq!(left(1500), "in 1 second");
        assert_eq!(left(0), "just now");
    }
}
