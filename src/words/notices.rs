//! What a form has done, shown on the next page.

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
    }
}

/// The browser did not keep a cookie. `origin` is the address of this site.
pub fn no_cookie(origin: &str) -> String {
    format!(
        "Your browser did not keep the cookie that this site needs to sign you in. Allow cookies for {origin}, check that you have opened the site at that address, and try again."
    )
}

fn other_sessions(count: usize) -> String {
    if count == 1 { "1 other session has".into() } else { format!("{count} other sessions have") }
}
