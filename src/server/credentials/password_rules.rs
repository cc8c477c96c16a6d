//! What a new password must be (ASVS 6.2, NIST SP 800-63B 3.1.1): long enough, and not what one
//! would try first. No composition rules.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::words::Problem;

/// Minimum length of a password, in characters: Unicode in NFC (ASVS 6.2.1, NIST SP 800-63B).
pub const MIN_PASSWORD_LENGTH: u16 = 8;
/// Maximum length of a password, in characters: far beyond need, yet a bound on the work of hashing one.
pub const MAX_PASSWORD_LENGTH: u16 = 256;

/// Whether a new password may be used.
///
/// # Errors
/// What is wrong with it.
pub fn check_new_password(password: &SecretString, name: &str, email: &str) -> Result<(), Problem> {
    let password = password.expose_secret();
    let length = password.nfc().count();
    let same = |other: &str| !other.is_empty() && fold(password) == fold(other);
    let mailbox = email.split('@').next().unwrap_or_default();
    if password.is_empty() {
        Err(Problem::Missing)
    } else if password.chars().any(char::is_control) {
        Err(Problem::Unprintable)
    } else if length < usize::from(MIN_PASSWORD_LENGTH) {
        Err(Problem::TooShort(MIN_PASSWORD_LENGTH))
    } else if length > usize::from(MAX_PASSWORD_LENGTH) {
        Err(Problem::TooLong(MAX_PASSWORD_LENGTH))
    } else if same(name) || same(email) || same(mailbox) {
        Err(Problem::SameAsOther)
    } else {
        Ok(())
    }
}

fn fold(text: &str) -> String {
    text.trim().nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), Problem> {
        check_new_password(&password.to_owned().into(), "Ada Lovelace", "ada.lovelace@example.org")
    }

    #[test]
    fn the_hint_names_the_minimum_length() {
        assert!(crate::words::fields::PASSWORD_HINT.contains(&format!("At least {MIN_PASSWORD_LENGTH} ")));
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check(""), Err(Problem::Missing));
        assert_eq!(check("seven77"), Err(Problem::TooShort(8)));
        assert_eq!(check("eight888"), Ok(()));
        assert_eq!(check("пароль12"), Ok(()), "eight characters, fourteen bytes");
        assert_eq!(check("e\u{301}e\u{301}e\u{301}e\u{301}"), Err(Problem::TooShort(8)), "four in NFC");
        assert_eq!(check(&"x".repeat(256)), Ok(()));
        assert_eq!(check(&"x".repeat(257)), Err(Problem::TooLong(256)));
    }

    #[test]
    fn spaces_and_symbols_are_welcome_but_not_control_characters() {
        assert_eq!(check("correct horse battery staple"), Ok(()));
        assert_eq!(check("🦀🦀🦀🦀🦀🦀🦀🦀"), Ok(()));
        assert_eq!(check("eight888\0"), Err(Problem::Unprintable));
    }

    #[test]
    fn name_and_email_are_no_passwords() {
        for password in ["ada lovelace", "ADA.LOVELACE@EXAMPLE.ORG", "Ada.Lovelace"] {
            assert_eq!(check(password), Err(Problem::SameAsOther), "{password}");
        }
    }
}
