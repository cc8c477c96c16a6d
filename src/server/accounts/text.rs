/// True for characters that cannot be seen and can make a text pass for another: control
/// characters, zero-width spaces, and those that turn the direction of writing (Trojan Source,
/// CVE-2021-42574). Joiners stay: Persian and emoji need them.
pub fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
