//! Names and email addresses that are accepted are fit to be shown, compared and mailed.

use vestibule::server::accounts::{Email, parse_name};

/// Text that can turn or break a line.
fn is_invisible(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
}

pub fn target() -> impl FnMut(&[u8]) -> String {
    |input| {
        let text = String::from_utf8_lossy(input);
        let email = Email::parse(&text);
        if let Ok(Email { shown, key, .. }) = &email {
            assert!(!shown.contains(|char: char| char.is_whitespace() || is_invisible(char)), "{shown:?}");
            assert!(shown.contains('@') && shown.len() <= 254, "{shown:?}");
            // In lower case it may be longer than an address.
            for again in [shown, key].into_iter().filter(|text| text.len() <= 254) {
                let again = Email::parse(again).map(|email| email.key);
                assert_eq!(again.as_ref(), Ok(key), "{shown:?} is compared in one form");
            }
        }
        let name = parse_name(&text);
        if let Ok(name) = &name {
            assert!(!name.contains(is_invisible), "{name:?}");
            assert_eq!(name.trim(), name);
            assert!((1..=100).contains(&name.chars().count()), "{name:?}");
            assert_eq!(parse_name(name).as_ref(), Ok(name), "{name:?} stays as it is");
        }
        format!("{:?} {:?}", email.map(|email| email.shown.len() / 16), name.map(|name| name.len() / 16))
    }
}
