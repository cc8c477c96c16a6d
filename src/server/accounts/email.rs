use unicode_normalization::UnicodeNormalization;

use super::invisible::is_invisible;
use crate::words::Problem;

/// Maximum length of an address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_LENGTH: u16 = 254;

/// An email address: as it was typed, and as it is compared.
///
/// Only a mail can show whether an address exists, so little is required: one `@` with something
/// on both sides, and nothing invisible. Case is ignored throughout, as people expect.
#[derive(Debug, PartialEq, Eq)]
pub struct Email {
    pub shown: String,
    pub key: String,
}

impl Email {
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let shown: String = text.trim().nfc().collect();
        let sides = shown
            .rsplit_once('@')
            .filter(|(mailbox, domain)| !mailbox.is_empty() && !mailbox.contains('@') && !domain.is_empty());
        if shown.is_empty() {
            Err(Problem::Missing)
        } else if shown.len() > usize::from(MAX_LENGTH) {
            Err(Problem::TooLong(MAX_LENGTH))
        } else if sides.is_none() || shown.chars().any(|char| char.is_whitespace() || is_invisible(char)) {
            Err(Problem::Malformed)
        } else {
            let key = shown.to_lowercase().nfc().collect();
            Ok(Self { shown, key })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_without_case() {
        let email = Email::parse("  Ada@Example.ORG ").expect("an address");
        assert_eq!(email.shown, "Ada@Example.ORG");
        assert_eq!(email.key, "ada@example.org");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!(Email::parse(" "), Err(Problem::Missing));
        assert_eq!(Email::parse(&format!("{}@x", "a".repeat(254))), Err(Problem::TooLong(254)));
        for text in ["ada", "@example.org", "ada@", "a@b@c", "a da@x", "a\0@x", "a@x\r\nBcc: b@y"] {
            assert_eq!(Email::parse(text), Err(Problem::Malformed), "{text:?}");
        }
    }
}
