//! The part of an address after the `@`, which is compared in one form however it was typed (UTS 46).

use icu_properties::{CodePointMapData, props::Script};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// What may be mixed within a word (UTS 39, 5.2, "highly restrictive", without Latin).
const WRITTEN_TOGETHER: [&[Script]; 3] = [
    &[Script::Han, Script::Hiragana, Script::Katakana],
    &[Script::Han, Script::Bopomofo],
    &[Script::Han, Script::Hangul],
];

/// The domain as the DNS knows it, in ASCII and lower case, without a dot at its end; `None` if it cannot be a
/// domain.
pub fn to_ascii(domain: &str) -> Option<String> {
    let ascii = Uts46::new().to_ascii(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::VerifyAllowRootDot,
    );
    let ascii = ascii.ok()?;
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The domain for people to read. A label that mixes scripts could pass for another, such as `pаypal` with a
/// Cyrillic letter, and stays in ASCII.
pub fn shown(ascii: &str) -> String {
    let is_one_script = |label: &[char], _: &[char], _: bool| is_one_script(label);
    let (text, result) = Uts46::new().to_user_interface(
        ascii.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        is_one_script,
    );
    if result.is_ok() { text.into_owned() } else { ascii.to_owned() }
}

/// The domain in letters, whatever their scripts.
pub fn in_letters(ascii: &str) -> String {
    let (text, _) = Uts46::new().to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    text.into_owned()
}

fn is_one_script(label: &[char]) -> bool {
    let script = |char: &char| CodePointMapData::<Script>::new().get(*char);
    let scripts = label.iter().map(script);
    let scripts: Vec<_> =
        scripts.filter(|script| ![Script::Common, Script::Inherited].contains(script)).collect();
    let first = scripts.first();
    scripts.iter().all(|script| Some(script) == first)
        || WRITTEN_TOGETHER.iter().any(|group| scripts.iter().all(|script| group.contains(script)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_domain_however_it_is_typed() {
        for (typed, ascii, text) in [
            ("Example.ORG", "example.org", "example.org"),
            ("example.org.", "example.org", "example.org"),
            ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
            ("BÜCHER.example", "xn--bcher-kva.example", "bücher.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example", "bücher.example"),
            ("XN--Bcher-KVA.example.", "xn--bcher-kva.example", "bücher.example"),
            ("日本語。jp", "xn--wgv71a119e.jp", "日本語.jp"),
            ("ｅｘａｍｐｌｅ．ｏｒｇ", "example.org", "example.org"),
            ("straße.example", "xn--strae-oqa.example", "straße.example"),
            ("localhost", "localhost", "localhost"),
            // With a Cyrillic letter.
            ("p\u{430}ypal.example", "xn--pypal-4ve.example", "xn--pypal-4ve.example"),
        ] {
            assert_eq!(to_ascii(typed).as_deref(), Some(ascii), "{typed}");
            assert_eq!(shown(ascii), text, "{typed}");
            assert_eq!(to_ascii(text).as_deref(), Some(ascii), "{typed}");
        }
    }

    #[test]
    fn what_can_be_no_domain_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        for domain in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a_b",
            "-a.example",
            "a-.example",
            "a b",
            "xn--a.example",
            "[::1]",
            "a,b",
            &long,
        ] {
            assert_eq!(to_ascii(domain), None, "{domain}");
        }
    }
}
