//! What a form has done, shown on the next page.

/// What a form has done, where the next page does not show it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SessionEnded,
    /// The session to end had ended already.
    SessionGone,
    /// How many other sessions have ended.
    OthersEnded(usize),
    NameChanged,
    /// How many other sessions have ended because of it.
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
