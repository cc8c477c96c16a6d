use std::ops::RangeInclusive;

/// Characters that cannot be seen and can make a text pass for another: zero-width spaces, and
/// those that turn the direction of writing (Trojan Source, CVE-2021-42574). Joiners are not among
/// them: Persian and emoji need them.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{200b}'..='\u{200b}',
    '\u{200e}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{feff}'..='\u{feff}',
];

/// True for those, and for control characters.
pub fn is_invisible(char: char) -> bool {
    char.is_control() || INVISIBLE.iter().any(|range| range.contains(&char))
}
