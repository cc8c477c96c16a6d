//! What a form has done, shown on the next page.

use super::check_up;

/// What a form has done, where the next page does not show it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SessionEnded,
    /// The session to end had ended already.
    SessionGone,
    /// How many other sessions have ended.
    OthersEnded(usize),
    /// A step-up came in between.
    PressAgain {
        /// The text of the button that was pressed.
        button: Option<&'static str>,
    },
    NameChanged,
    /// How many other sessions have ended because of it.
    PasswordChanged(usize),
    /// By the link in a mail.
    PasswordReset,
    AccountReady,
    EmailVerified,
    /// The link to confirm the address was sent.
    VerificationSent,
    /// The link to confirm a new address was sent to it.
    EmailChangeSent,
    EmailChanged,
    EmailChangeUndone,
    SignInReported,
    /// The password that someone has just signed in with is on lists of stolen ones.
    PasswordIsCommon,
    /// The account is not deleted, since its owner has signed in.
    AccountRestored,
    EventsReviewed,
    /// How many unused sessions have ended.
    UnusedEnded(usize),
}

pub fn notice(notice: Notice) -> String {
    match notice {
        Notice::SessionEnded => "The session has ended.".into(),
        Notice::SessionGone => "That session had ended already.".into(),
        Notice::OthersEnded(0) => "No other session is left.".into(),
        Notice::OthersEnded(ended) => format!("{} ended.", other_sessions(ended)),
        Notice::PressAgain { button: Some(button) } => {
            format!("You have confirmed that it is you. Now press “{button}” again.")
        }
        Notice::PressAgain { button: None } => {
            "You have confirmed that it is you. Now press the button again.".into()
        }
        Notice::NameChanged => "Your name has been changed.".into(),
        Notice::PasswordChanged(0) => "Your password has been changed.".into(),
        Notice::PasswordChanged(ended) => {
            format!("Your password has been changed, and {} ended.", other_sessions(ended))
        }
        Notice::PasswordReset => "Your password has been changed. Sign in with the new one.".into(),
        Notice::AccountReady => "Your account is ready. Sign in to it.".into(),
        Notice::EmailVerified => "Your email address is confirmed.".into(),
        Notice::VerificationSent => "We have sent you an email. Open the link in it.".into(),
        Notice::EmailChangeSent => {
            "We have sent an email to the new address. Open the link in it; until then, your old address stays in use.".into()
        }
        Notice::EmailChanged => "Your email address has been changed. Sign in with the new one from now on.".into(),
        Notice::EmailChangeUndone => {
            "Your old email address is restored, and everyone has been signed out. Now choose a new password.".into()
        }
        Notice::SignInReported => "Everyone has been signed out. Now choose a new password.".into(),
        Notice::PasswordIsCommon => check_up::COMMON_PASSWORD.into(),
        Notice::AccountRestored => "Welcome back. Your account will not be deleted.".into(),
        Notice::UnusedEnded(0) => "No unused session is left.".into(),
        Notice::UnusedEnded(1) => "1 unused session has ended.".into(),
        Notice::UnusedEnded(ended) => format!("{ended} unused sessions have ended."),
        Notice::EventsReviewed => "Thank you. New events will be shown here.".into(),
    }
}

/// The browser did not keep a cookie. `origin` is the address of this site.
pub fn no_cookie(origin: &str) -> String {
    format!(
        "Your browser did not keep the cookie that this site needs to sign you in. Allow cookies for {origin}, check that you have opened the site at that address, and try again. If that does not help, delete the cookies that your browser has for this site."
    )
}

fn other_sessions(count: usize) -> String {
    if count == 1 { "1 other session has".into() } else { format!("{count} other sessions have") }
}
