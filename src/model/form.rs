//! What comes of posting a form, as values; the pages turn them into words.

use serde::{Deserialize, Serialize};

use super::Next;

/// Fewest characters of a password, counted as Unicode in NFC (ASVS 6.2.1, NIST SP 800-63B).
pub const PASSWORD_LEAST: u16 = 8;
/// Most characters of a password: far beyond need, yet a bound on the work of hashing one.
pub const PASSWORD_MOST: u16 = 256;

/// The expected outcomes of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormOutcome {
    /// Done; go there.
    Accepted { next: Next },
    /// Not done; the form is shown again with this beside its fields.
    Rejected(Rejection),
}

/// Why a form was not accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub form: Option<FormProblem>,
    pub fields: Vec<(Field, Problem)>,
}

impl Rejection {
    pub fn of(problem: FormProblem) -> Self {
        Self { form: Some(problem), fields: Vec::new() }
    }

    /// The first problem of a field.
    pub fn problem(&self, field: Field) -> Option<Problem> {
        self.fields.iter().find(|(at, _)| *at == field).map(|(_, problem)| *problem)
    }
}

impl From<(Field, Problem)> for Rejection {
    fn from(problem: (Field, Problem)) -> Self {
        Self { form: None, fields: vec![problem] }
    }
}

/// A problem of the form as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FormProblem {
    /// No such account, or not its password: never said which.
    WrongCredentials,
}

/// The fields that forms have in common; the names are those of the HTML controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    Name,
    Email,
    Password,
    CurrentPassword,
    NewPassword,
}

impl Field {
    pub fn name(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Email => "email",
            Field::Password => "password",
            Field::CurrentPassword => "current_password",
            Field::NewPassword => "new_password",
        }
    }
}

/// A problem of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Not the password of whoever is signed in.
    Wrong,
}

/// Which form a flash message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    SignIn,
    Register,
    Confirm,
    Rename,
    ChangePassword,
}

/// What a person typed and gets back with the errors. A password has no place here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub name: String,
    pub email: String,
    pub remember: bool,
}

/// The outcome of a form; shown once, on the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flash {
    /// A form posted without JavaScript was not accepted.
    Rejected { form: Form, rejection: Rejection, typed: Typed },
    /// It was, and this came of it.
    Notice(Notice),
}

/// What came of a form that was accepted, where the next page does not show it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    SessionEnded,
    /// There was no such session any more.
    SessionGone,
    /// So many other sessions ended.
    OthersEnded(u32),
    NameChanged,
    /// The password changed, and so many other sessions ended.
    PasswordChanged(u32),
}
