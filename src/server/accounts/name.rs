use super::invisible::{self, Shaping};
use crate::words::Problem;

const MAX_LENGTH: u16 = 100;

/// A person's name, in NFC and without space around it. Names are of every kind; refused are only those in
/// which there is nothing to see, or something that cannot be seen.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<String, Problem> {
    let name = invisible::visible(text, Shaping::Allowed)?;
    if name.is_empty() {
        Err(Problem::Missing)
    } else if name.chars().count() > usize::from(MAX_LENGTH) {
        Err(Problem::TooLong(MAX_LENGTH))
    } else if !invisible::is_seen(&name) {
        Err(Problem::NothingSeen)
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn names_of_every_kind() {
        let persian = "علی\u{200c}رضا";
        let family = "Ada \u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        let names = [
            "Ada",
            "李",
            "O'Brien-Łukasiewicz",
            "<b>Ada</b>",
            "Ada 🦀",
            persian,
            family,
            "山田\u{3000}太郎",
            "कि",
            "X",
            "葛\u{e0100}城",
            "Nguyễn Thị",
            "ཀྲྀ",
            "שָׁלוֹם",
            "7",
            "-",
        ];
        for name in names {
            assert_eq!(parse(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn a_name_has_something_to_see_and_nothing_that_cannot_be_seen() {
        for name in
            ["", "  ", "\u{200b}", "\u{3164}", "\u{feff}\u{2060}", "\u{2800}", "\u{e0041}", "\u{200d}"]
        {
            assert_eq!(parse(name), Err(Problem::Missing), "{name:?}");
        }
        for name in ["\u{301}", "\u{301} \u{302}"] {
            assert_eq!(parse(name), Err(Problem::NothingSeen), "{name:?}");
        }
        for name in ["A\0da", "Ada\u{202e}nimda", "Ada\u{2028}x", "Ada\u{e0041}x"] {
            assert!(matches!(parse(name), Err(Problem::InvisibleAfter('A' | 'a'))), "{name:?}");
        }
        assert_eq!(parse("\u{200b}Ada\u{ad}").as_deref(), Ok("Ada"));
        assert_eq!(parse(&"a".repeat(101)), Err(Problem::TooLong(100)));
    }

    proptest! {
        #[test]
        fn what_was_parsed_parses_to_itself(text in ".*") {
            if let Ok(name) = parse(&text) {
                prop_assert_eq!(parse(&name), Ok(name));
            }
        }
    }
}
