//! The sentences for what is wrong with a field.

use crate::model::{Field, Problem};

/// Says what is wrong and what would be right.
pub fn words(field: Field, problem: Problem) -> String {
    match (field, problem) {
        (Field::Name, Problem::Missing) => "Enter your name.".into(),
        (Field::Email, Problem::Missing) => "Enter your email address.".into(),
        (Field::Password, Problem::Missing) => "Enter a password.".into(),
        (Field::Email, Problem::Malformed) => "Enter an email address like name@example.org.".into(),
        (Field::Email, Problem::Taken) => "There is already an account with this email address.".into(),
        (Field::Password, Problem::SameAsOther) => {
            "Choose a password that is not your name or email address.".into()
        }
        (_, Problem::TooShort(least)) => format!("Use at least {least} characters."),
        (_, Problem::TooLong(most)) => format!("Use at most {most} characters."),
        (_, Problem::Unprintable) => "Remove the characters that cannot be seen.".into(),
        (_, Problem::Malformed | Problem::Taken | Problem::SameAsOther) => "Choose something else.".into(),
    }
}
