use unicode_normalization::UnicodeNormalization;

use super::invisible::is_invisible;
use crate::words::Problem;

const MAX_LENGTH: u16 = 100;

/// A person's name, in NFC and without space around it. Names are of every kind; refused are only
/// those with invisible characters.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<String, Problem> {
    let name: String = text.trim().nfc().collect();
    if name.is_empty() {
        Err(Problem::Missing)
    } else if name.chars().count() > usize::from(MAX_LENGTH) {
        Err(Problem::TooLong(MAX_LENGTH))
    } else if name.chars().any(is_invisible) {
        Err(Problem::Unprintable)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_kind() {
        for name in ["Ada", "李", "O'Brien-Łukasiewicz", "<b>Ada</b>", "Ada 🦀"] {
            assert_eq!(parse(name).as_deref(), Ok(name));
        }
        assert_eq!(parse("  "), Err(Problem::Missing));
        for name in ["A\0da", "Ada\u{202e}nimda", "\u{200b}"] {
            assert_eq!(parse(name), Err(Problem::Unprintable), "{name:?}");
        }
        assert_eq!(parse(&"a".repeat(101)), Err(Problem::TooLong(100)));
    }
}
