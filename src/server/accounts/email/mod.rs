//! Email addresses.

mod domain;

use unicode_normalization::UnicodeNormalization;

use super::invisible::{self, Shaping};
use crate::words::Problem;

/// Maximum length of an address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
const MAX_LENGTH: u16 = 254;
/// Maximum length of the part before the `@`, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_MAILBOX: u16 = 64;
/// Characters that are special in the header of a mail (RFC 5322, 3.2.3): one more address could begin there.
/// Addresses that need them, in quotes, are not given to people.
const SPECIAL: &[char] = &[',', ';', ':', '<', '>', '(', ')', '[', ']', '"', '\\'];

/// An email address: as it is shown, and as it is compared.
///
/// Only a mail can show whether an address exists, so little is required: something on both sides of one `@`, a
/// domain that can exist, and nothing that is invisible or would break the header of a mail. Case is ignored
/// throughout, as people expect, and the domain is compared in one form: browsers send it as `xn--…` where
/// people type letters.
#[derive(Debug, PartialEq, Eq)]
pub struct Email {
    pub shown: String,
    /// In lower case, its domain in ASCII.
    pub key: String,
    /// Other keys that the account may have if it was registered with an earlier version.
    earlier: Vec<String>,
}

impl Email {
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let folded: String = text.chars().map(fold_width).collect();
        // Joiners are left to the rules for domains.
        let address = invisible::visible(&folded, Shaping::Allowed)?;
        if address.is_empty() {
            return Err(Problem::Missing);
        }
        if address.chars().count() > usize::from(MAX_LENGTH) {
            return Err(Problem::TooLong(MAX_LENGTH));
        }
        if let Some(special) = address.chars().find(|char| SPECIAL.contains(char)) {
            return Err(Problem::Special(special));
        }
        let (mailbox, typed_domain) = address.split_once('@').ok_or(Problem::Malformed)?;
        invisible::visible(mailbox, Shaping::Refused)?;
        if address.contains(char::is_whitespace) {
            return Err(Problem::Space);
        }
        if !invisible::is_seen(mailbox) {
            return Err(Problem::Malformed);
        }
        if mailbox.len() > usize::from(MAX_MAILBOX) {
            return Err(Problem::MailboxTooLong(MAX_MAILBOX));
        }
        let ascii = domain::to_ascii(typed_domain).ok_or(Problem::Malformed)?;
        Self::of_parts(mailbox, &ascii, earlier_key(text))
    }

    fn of_parts(mailbox: &str, ascii: &str, typed: Option<String>) -> Result<Self, Problem> {
        let lower: String = mailbox.to_lowercase().nfc().collect();
        let key = format!("{lower}@{ascii}");
        if key.len() > usize::from(MAX_LENGTH) {
            return Err(Problem::TooLong(MAX_LENGTH));
        }
        let letters = format!("{lower}@{}", domain::in_letters(ascii));
        let mut earlier: Vec<String> =
            typed.into_iter().chain([letters]).filter(|earlier| *earlier != key).collect();
        earlier.dedup();
        Ok(Self { shown: format!("{mailbox}@{}", domain::shown(ascii)), key, earlier })
    }

    /// The address of an account that exists, which may have been registered when more was accepted.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_existing(text: &str) -> Result<Self, Problem> {
        Self::parse(text).or_else(|problem| {
            let key = earlier_key(text).ok_or(problem)?;
            Ok(Self { shown: key.clone(), key, earlier: Vec::new() })
        })
    }

    /// The key of an address that is stored.
    pub fn key_of(stored: &str) -> String {
        Self::parse_existing(stored).map_or_else(|_| stored.to_owned(), |email| email.key)
    }

    /// Other keys that the account may have if it was registered with an earlier version.
    pub fn earlier_keys(&self) -> &[String] {
        &self.earlier
    }

    /// All keys that the account may have, the likeliest first: an account that was registered with an earlier
    /// version is found by what was typed then.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.earlier.iter().chain([&self.key]).map(String::as_str)
    }
}

/// The key that earlier versions gave to an address; `None` if they refused it.
fn earlier_key(text: &str) -> Option<String> {
    let text: String = text.trim().nfc().collect();
    let (mailbox, domain) = text.split_once('@')?;
    let fits = text.len() <= usize::from(MAX_LENGTH) && !mailbox.is_empty() && !domain.is_empty();
    let is_plain = !domain.contains('@') && !text.contains(char::is_whitespace);
    let is_visible = invisible::visible(&text, Shaping::Refused).is_ok_and(|visible| visible == text);
    (fits && is_plain && is_visible).then(|| text.to_lowercase().nfc().collect())
}

/// As keyboards for East Asian languages type them: full-width `＠`, letters and dots.
fn fold_width(char: char) -> char {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        '\u{fe6b}' => '@',
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    fn key(text: &str) -> String {
        Email::parse(text).unwrap_or_else(|problem| panic!("{text:?}: {problem:?}")).key
    }

    #[test]
    fn addresses_are_compared_in_one_form() {
        let email = Email::parse("  Ada@Example.ORG ").expect("an address");
        assert_eq!(email.shown, "Ada@example.org");
        assert_eq!(email.key, "ada@example.org");
        for text in [
            "ada@example.org.",
            "ada＠example．org",
            "ａｄａ＠ｅｘａｍｐｌｅ。ｏｒｇ",
            "ada﹫example.org",
            "\u{200b}ada@example.org",
            "\u{feff}ada@example.org\u{a0}\u{2060}",
            "\u{202a}ada@example.org\u{202c}",
        ] {
            assert_eq!(key(text), "ada@example.org", "{text:?}");
        }
        let typed = Email::parse("Ada@BÜCHER.example").expect("an address");
        assert_eq!(typed.shown, "Ada@bücher.example");
        assert_eq!(typed.key, "ada@xn--bcher-kva.example");
        assert_eq!(key("ada@xn--bcher-kva.example"), typed.key);
        assert_eq!(key("ada@bu\u{308}cher.example."), typed.key);
    }

    #[test]
    fn what_people_have_is_accepted() {
        for text in [
            "a.b+c@d.example",
            "o'brien@example.org",
            "ada@localhost",
            "用户@例え.jp",
            "a_b-c@x1.example",
            ".a..b@x.jp",
        ] {
            assert!(Email::parse(text).is_ok(), "{text}");
        }
        assert!(Email::parse(&format!("{}@example.org", "a".repeat(64))).is_ok());
    }

    #[test]
    fn what_is_no_address_is_refused_by_its_cause() {
        assert_eq!(Email::parse(" "), Err(Problem::Missing));
        assert_eq!(Email::parse("\u{200b}"), Err(Problem::Missing));
        for text in [
            "ada",
            "@example.org",
            "ada@",
            "a@b@c",
            "ada@.",
            "ada@a..b",
            "ada@-a.example",
            "ada@a_b",
            "\u{301}@x.y",
        ] {
            assert_eq!(Email::parse(text), Err(Problem::Malformed), "{text:?}");
        }
        for text in ["a da@x", "ada @x.example", "ada@ x.example", "a\u{a0}da@x.example"] {
            assert_eq!(Email::parse(text), Err(Problem::Space), "{text:?}");
        }
        for (text, special) in [
            ("a,b@x", ','),
            ("a;b@x", ';'),
            ("a@x,b@y", ','),
            ("<a@x>", '<'),
            ("\"a b\"@x", '"'),
            ("a(b)@x", '('),
            ("a:b@x", ':'),
            ("a\\b@x", '\\'),
            ("a@[::1]", '['),
            ("a@[127.0.0.1]", '['),
            ("a\u{ff0c}b@x", ','),
        ] {
            assert_eq!(Email::parse(text), Err(Problem::Special(special)), "{text:?}");
        }
        for text in
            ["a\0@x", "a@x\r\nBcc: b@y", "a\u{200b}da@x", "ada@x\u{ad}y", "a\u{200d}b@x", "ada@x\u{202e}y"]
        {
            assert!(matches!(Email::parse(text), Err(Problem::InvisibleAfter('a' | 'x'))), "{text:?}");
        }
        assert_eq!(Email::parse(&format!("{}@x", "a".repeat(65))), Err(Problem::MailboxTooLong(64)));
        let long = ["a"; 126].join(".");
        assert_eq!(Email::parse(&format!("ada@{long}")), Err(Problem::TooLong(254)));
    }

    #[test]
    fn accounts_of_earlier_versions_are_found() {
        let keys = |text: &str| -> Vec<String> {
            Email::parse_existing(text).expect("an address").keys().map(str::to_owned).collect()
        };
        assert_eq!(keys("Ada@Example.org"), ["ada@example.org"]);
        assert_eq!(keys("ada@example.org."), ["ada@example.org.", "ada@example.org"]);
        let both = ["ada@bücher.example", "ada@xn--bcher-kva.example"];
        assert_eq!(keys("ada@BÜCHER.example"), both);
        assert_eq!(keys("ada@xn--bcher-kva.example"), both);
        assert_eq!(keys("a,b@x_y"), ["a,b@x_y"]);
        assert_eq!(Email::parse_existing("a\u{200b}b@x"), Err(Problem::InvisibleAfter('a')));
    }

    proptest! {
        #[test]
        fn what_was_parsed_parses_to_the_same(text in "\\PC{0,40}@\\PC{0,40}") {
            for parse in [Email::parse, Email::parse_existing] {
                let _ = parse(&text);
            }
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(&Email::parse(&email.shown).expect("an address").key, &email.key);
                prop_assert_eq!(&Email::parse(&email.key).expect("an address").key, &email.key);
            }
        }

        #[test]
        fn international_domains_parse_to_the_same(text in "[a-zA-Zäöüßσς]{1,8}@[a-zäöüßσςабв日本かİ.-]{1,12}\\.[a-z]{2}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(&Email::parse(&email.shown).expect("an address").key, &email.key);
                prop_assert_eq!(&Email::parse(&email.key).expect("an address").key, &email.key);
            }
        }
    }
}
