//! What a new password must be (ASVS 6.2, NIST SP 800-63B 3.1.1): long enough, and not what one
//! would try first. No composition rules.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::model::{PASSWORD_LEAST, PASSWORD_MOST, Problem};

/// What is wrong with a new password, if anything.
pub fn check_new_password(password: &SecretString, name: &str, email: &str) -> Option<Problem> {
    let password = password.expose_secret();
    let length = password.nfc().count();
    let same = |other: &str| !other.is_empty() && fold(password) == fold(other);
    let mailbox = email.split('@').next().unwrap_or_default();
    if password.is_empty() {
        Some(Problem::Missing)
    } else if password.chars().any(char::is_control) {
        Some(Problem::Unprintable)
    } else if length < usize::from(PASSWORD_LEAST) {
        Some(Problem::TooShort(PASSWORD_LEAST))
    } else if length > usize::from(PASSWORD_MOST) {
        Some(Problem::TooLong(PASSWORD_MOST))
    } else if same(name) || same(email) || same(mailbox) {
        Some(Problem::SameAsOther)
    } else {
        None
    }
}

fn fold(text: &str) -> String {
    text.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Option<Problem> {
        check_new_password(&password.to_owned().into(), "Ada Lovelace", "ada.lovelace@example.org")
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check(""), Some(Problem::Missing));
        assert_eq!(check("seven77"), Some(Problem::TooShort(8)));
        assert_eq!(check("eight888"), None);
        assert_eq!(check("пароль12"), None, "eight characters, fourteen bytes");
        assert_eq!(check("e\u{301}e\u{301}e\u{301}e\u{301}"), Some(Problem::TooShort(8)), "four in NFC");
        assert_eq!(check(&"x".repeat(256)), None);
        assert_eq!(check(&"x".repeat(257)), Some(Problem::TooLong(256)));
    }

    #[test]
    fn spaces_and_symbols_are_welcome_but_not_control_characters() {
        assert_eq!(check("correct horse battery staple"), None);
        assert_eq!(check("🦀🦀🦀🦀🦀🦀🦀🦀"), None);
        assert_eq!(check("eight888\0"), Some(Problem::Unprintable));
    }

    #[test]
    fn name_and_email_are_no_passwords() {
        for password in ["ada lovelace", "ADA.LOVELACE@EXAMPLE.ORG", "Ada.Lovelace"] {
            assert_eq!(check(password), Some(Problem::SameAsOther), "{password}");
        }
    }
}
