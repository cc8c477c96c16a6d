//! Text for terminals and logs.

use std::{borrow::Cow, fmt::Write};

/// Shows what a stranger may have written on one line: each character that can break the line, turn the direction
/// of writing, hide, or command a terminal is written as in JSON, `\u202e` (CWE-117, CVE-2021-42574).
pub fn plain_text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if is_plain(char) {
            plain.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // A string takes everything.
                let _ = write!(plain, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(plain)
}

fn is_plain(char: char) -> bool {
    match char {
        ' '..='~' => true,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => false,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => false,
        '\u{e0000}'..='\u{e007f}' => false,
        _ => !char.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_line() {
        for text in ["", "Ada Lovelace", "李", "\u{1f468}\u{200d}\u{1f469}", "a\\nb"] {
            assert_eq!(plain_text(text), text);
        }
        let cases = [
            ("a\r\nb", r"a\u000d\u000ab"),
            ("\u{1b}[2J", r"\u001b[2J"),
            ("\u{202e}\u{2028}\u{9b}", r"\u202e\u2028\u009b"),
            ("\u{e0041}", r"\udb40\udc41"),
        ];
        for (text, plain) in cases {
            assert_eq!(plain_text(text), plain);
        }
    }
}
