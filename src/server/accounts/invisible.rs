//! Characters that a person does not see, and cannot know of: pasted from a mail or a web page, or meant to
//! make one text pass for another (Trojan Source, CVE-2021-42574; UTS 39).

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};
use unicode_normalization::UnicodeNormalization;

use crate::words::Problem;

/// It looks like a space and counts as a symbol.
const BRAILLE_BLANK: char = '\u{2800}';
/// More marks on one letter than any language needs: they would cover the lines above and below.
const MAX_MARKS: usize = 5;

/// Whether characters that shape their neighbours may be used: joiners, as Persian and emoji need them, and
/// variation selectors, as Japanese names do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shaping {
    Allowed,
    Refused,
}

/// The text in NFC, without what cannot be seen at its ends.
///
/// # Errors
/// If it has something invisible inside, or too many marks on one letter.
pub fn visible(text: &str, shaping: Shaping) -> Result<String, Problem> {
    let text: String =
        text.trim_matches(|char: char| char.is_whitespace() || is_invisible(char)).nfc().collect();
    let mut before = None;
    let mut marks = 0;
    for char in text.chars() {
        if is_shaping(char) && shaping == Shaping::Allowed {
            continue;
        }
        if is_invisible(char) {
            let letter = before.filter(|char: &char| char.is_alphanumeric());
            return Err(letter.map_or(Problem::Unprintable, Problem::InvisibleAfter));
        }
        marks = if is_mark(char) { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            return Err(Problem::TooManyMarks);
        }
        before = Some(char);
    }
    Ok(text)
}

/// True if there is something to see in a text: a letter, a digit, a symbol.
pub fn is_seen(text: &str) -> bool {
    text.chars().any(|char| !char.is_whitespace() && !is_invisible(char) && !is_mark(char) && !is_blank(char))
}

/// It has no picture of its own, or an empty one.
fn is_blank(char: char) -> bool {
    use GeneralCategory::{PrivateUse, Unassigned};
    const OBJECT_REPLACEMENT: char = '\u{fffc}';
    const NULL_NOTEHEAD: char = '\u{1d159}';
    let category = CodePointMapData::<GeneralCategory>::new().get(char);
    matches!(category, PrivateUse | Unassigned) || matches!(char, OBJECT_REPLACEMENT | NULL_NOTEHEAD)
}

fn is_invisible(char: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    let category = CodePointMapData::<GeneralCategory>::new().get(char);
    matches!(category, Control | Format | LineSeparator | ParagraphSeparator)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
        || char == BRAILLE_BLANK
}

/// Joiners and variation selectors.
fn is_shaping(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Drawn over the letter before it.
fn is_mark(char: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark};
    matches!(CodePointMapData::<GeneralCategory>::new().get(char), EnclosingMark | NonspacingMark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVISIBLE: [char; 36] = [
        '\0',
        '\t',
        '\n',
        '\u{7f}',
        '\u{85}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{180e}',
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2063}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{2800}',
        '\u{3164}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{fffb}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0020}',
        '\u{e007f}',
        '\u{e0fff}',
        '\u{180b}',
    ];
    const SHAPING: [char; 5] = ['\u{200c}', '\u{200d}', '\u{fe0e}', '\u{fe0f}', '\u{e0100}'];
    const SPACES: [char; 8] =
        [' ', '\u{a0}', '\u{1680}', '\u{2003}', '\u{200a}', '\u{202f}', '\u{205f}', '\u{3000}'];

    #[test]
    fn what_cannot_be_seen_is_ignored_at_the_ends_and_refused_inside() {
        for char in INVISIBLE {
            assert_eq!(
                visible(&format!("{char}Ada {char}"), Shaping::Allowed).as_deref(),
                Ok("Ada"),
                "{char:?}"
            );
            let refused = visible(&format!("A{char}da"), Shaping::Allowed);
            assert_eq!(refused, Err(Problem::InvisibleAfter('A')), "{char:?}");
            let refused = visible(&format!("A.{char}da"), Shaping::Allowed);
            assert_eq!(refused, Err(Problem::Unprintable), "{char:?}");
        }
        for char in SPACES.into_iter().chain(SHAPING) {
            assert_eq!(
                visible(&format!("{char}Ada{char}"), Shaping::Allowed).as_deref(),
                Ok("Ada"),
                "{char:?}"
            );
        }
        for char in SHAPING {
            assert!(visible(&format!("A{char}da"), Shaping::Allowed).is_ok(), "{char:?}");
            let refused = visible(&format!("A{char}da"), Shaping::Refused);
            assert_eq!(refused, Err(Problem::InvisibleAfter('A')), "{char:?}");
        }
    }

    #[test]
    fn marks_are_bounded() {
        let marked = |count| format!("A{}da", "\u{336}".repeat(count));
        assert!(visible(&marked(5), Shaping::Allowed).is_ok());
        assert_eq!(visible(&marked(6), Shaping::Allowed), Err(Problem::TooManyMarks));
        let joined = "\u{336}\u{200d}".repeat(6);
        assert_eq!(visible(&format!("A{joined}da"), Shaping::Allowed), Err(Problem::TooManyMarks));
    }

    #[test]
    fn marks_and_blanks_alone_are_not_seen() {
        for text in ["", " ", "\u{3164}", "\u{301}", "\u{2800}\u{a0}", "\u{200d}"] {
            assert!(!is_seen(text), "{text:?}");
        }
        for char in ['\u{fffe}', '\u{10ffff}', '\u{e000}', '\u{378}', '\u{fffc}', '\u{1d159}'] {
            assert!(!is_seen(&char.to_string()), "{char:?}");
            assert!(is_seen(&format!("A{char}")), "{char:?}");
        }
        for text in ["A", "7", "-", "\u{674e}", "\u{1f980}", "\u{915}\u{93f}"] {
            assert!(is_seen(text), "{text:?}");
        }
    }
}
