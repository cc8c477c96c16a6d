//! What is wrong with the fields of a form.

use super::register;

/// What is wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Missing,
    /// Fewer characters than this.
    TooShort(u16),
    /// More characters than this.
    TooLong(u16),
    /// Not in the format of the field.
    Malformed,
    /// Contains control or invisible characters.
    Unprintable,
    /// Contains an invisible character after this one.
    InvisibleAfter(char),
    /// There is nothing in it that can be seen by itself.
    NothingSeen,
    /// Too many accents and other marks on one letter.
    TooManyMarks,
    /// Contains a space, where none belongs.
    Space,
    /// Contains this character, which has a meaning of its own.
    Special(char),
    /// More than this many characters before the `@` of an email address.
    MailboxTooLong(u16),
    /// Another account has it already.
    Taken,
    /// The password is on a list of common and breached ones.
    Common,
    /// The password follows a pattern that is tried early.
    Guessable,
    /// The password is little more than the name or the email address.
    SameAsOther,
    /// The password is little more than the name of this site.
    NameOfSite,
    /// The new password is the current one.
    Unchanged,
    /// The new email address is the current one.
    UnchangedEmail,
    /// Not the password of the account.
    Wrong,
    /// About the sign-in form as a whole: no account has this email and password.
    IncorrectCredentials,
    /// The same: email and password are right, and the operator has disabled the account.
    AccountDisabled,
    /// The link of a mail cannot be used, for whatever reason.
    InvalidLink,
    /// No mail can be sent to the address.
    Undeliverable,
    /// No one can register.
    RegistrationClosed,
    /// Only those can register who are invited, with the address that was invited.
    NotInvited,
    /// What is to be typed as a confirmation is something else.
    NotConfirmed,
}

/// Says what is wrong with the field `field`, and what to enter instead.
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
        (_, Problem::AccountDisabled) => {
            "This account is disabled. Please contact the operator of this site.".into()
        }
        (_, Problem::InvalidLink) => {
            "This link cannot be used any more. It may have expired, or been used already. Ask for a new one."
                .into()
        }
        (_, Problem::Undeliverable) => {
            "No email can be sent to this address. Check it for typing mistakes.".into()
        }
        (_, Problem::RegistrationClosed) => register::CLOSED.into(),
        (_, Problem::NotInvited) => {
            "You need an invitation to create an account, and the email address that was invited.".into()
        }
        (_, Problem::NotConfirmed) => "Type your email address exactly as it is shown above.".into(),
        ("email", Problem::Malformed) => "Enter an email address like name@example.org.".into(),
        ("email", Problem::Taken) => "There is already an account with this email address.".into(),
        (_, Problem::Common) => {
            "This password is on lists of common and stolen ones, which are tried first. Choose another."
                .into()
        }
        (_, Problem::Guessable) => {
            "This password is easy to guess. A few unrelated words make a better one.".into()
        }
        (_, Problem::SameAsOther) => "Choose a password that is more than your name or email address.".into(),
        (_, Problem::NameOfSite) => "Choose a password that is more than the name of this site.".into(),
        (_, Problem::Unchanged) => "This is your current password. Choose another.".into(),
        (_, Problem::UnchangedEmail) => "This is your current email address.".into(),
        (_, Problem::TooShort(min)) => format!("Use at least {min} characters."),
        (_, Problem::TooLong(max)) => format!("Use at most {max} characters."),
        (_, Problem::Unprintable) => "Remove the invisible characters.".into(),
        (_, Problem::InvisibleAfter(before)) => format!("Remove the invisible character after “{before}”."),
        ("name", Problem::NothingSeen) => "Use at least one letter, digit or symbol in your name.".into(),
        (_, Problem::TooManyMarks) => "Use fewer accents on one letter.".into(),
        ("email", Problem::Space) => "Remove the space: an email address has none.".into(),
        ("email", Problem::Special(special)) => {
            format!("Remove “{special}”: enter one email address like name@example.org.")
        }
        (_, Problem::MailboxTooLong(max)) => format!("Use at most {max} characters before the @."),
        (
            _,
            Problem::Malformed | Problem::NothingSeen | Problem::Space | Problem::Special(_) | Problem::Taken,
        ) => "Choose something else.".into(),
    }
}
