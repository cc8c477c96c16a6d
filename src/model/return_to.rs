//! The return address: where to go after signing in.

use serde::{Deserialize, Serialize};

/// Maximum length of a return address, in bytes.
const MAX_LENGTH: usize = 2048;

/// A path on this very origin (with its query), and nothing else.
///
/// An open redirect hands a visitor's trust to a stranger (CWE-601), and browsers read more
/// strings as "another origin" than one expects: `//host`, `/\host`, tabs inside. Parsing refuses
/// all that is not plain, so a `ReturnTo` may be put into `Location` as it is. Whether there is a page
/// at the path is for the server to check: it has the table of pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// `None` for anything but a same-origin absolute path.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        // Browsers read a backslash in a path as a slash, and elsewhere as itself.
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !path.contains('\\');
        let acceptable = plain
            && text.len() <= MAX_LENGTH
            && path.starts_with('/')
            && !path.as_bytes().windows(2).any(|pair| pair == b"//")
            && !path.split('/').any(|segment| segment == "." || segment == "..");
        acceptable.then(|| Self(text.to_owned()))
    }

    pub fn parse_or_home(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(Self::home)
    }

    /// A page of this program.
    pub fn page(path: &'static str) -> Self {
        Self::parse_or_home(path)
    }

    /// The return address in a query string, decoded exactly once: `next=%2Fa%3Fq%3Da%2520b` is
    /// `/a?q=a%20b`. `None` if there is none, or more than one.
    pub fn from_query(query: &str) -> Option<Self> {
        let mut values = query.split('&').filter_map(|pair| pair.strip_prefix("next="));
        match (values.next(), values.next()) {
            (Some(next), None) => Self::parse(&decode(next)?),
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path, without query and fragment.
    pub fn path(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }

    /// `page` with this address in its query.
    pub fn append_to(&self, page: &str) -> String {
        format!("{page}?next={}", encode(&self.0))
    }
}

impl TryFrom<String> for ReturnTo {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a path on this origin")
    }
}

impl From<ReturnTo> for String {
    fn from(next: ReturnTo) -> Self {
        next.0
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(hex_digit(byte >> 4));
            encoded.push(hex_digit(byte & 15));
        }
        encoded
    })
}

/// Reverses [`encode`]; `None` for anything that is not percent-encoded UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble & 15)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_origin_paths_are_kept() {
        for path in
            ["/", "/account", "/account/sessions?page=2", "/a#b", "/?q=//x", "/?q=a\\b#c\\d", "/%2F%2Fx"]
        {
            assert_eq!(ReturnTo::parse(path).map(String::from).as_deref(), Some(path));
        }
    }

    #[test]
    fn a_query_is_decoded_exactly_once() {
        let wanted = ReturnTo::parse("/account/activity?q=a%20b&c=%252F+d#e").expect("a path");
        let carried = wanted.append_to("/login");
        assert_eq!(carried, "/login?next=%2Faccount%2Factivity%3Fq%3Da%2520b%26c%3D%25252F%2Bd%23e");
        let (_, query) = carried.split_once('?').expect("a query");
        assert_eq!(ReturnTo::from_query(query), Some(wanted));
        for query in
            ["", "next", "next=", "next=%2", "next=%FF", "next=%zz", "next=%2Fa&next=%2Fb", "xnext=%2F"]
        {
            assert_eq!(ReturnTo::from_query(query), None, "{query}");
        }
    }

    #[test]
    fn everything_else_is_dropped() {
        let long = format!("/{}", "a".repeat(MAX_LENGTH));
        let bad = [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a//evil.example",
            "/..//evil.example",
            "/./x",
            "https://evil.example",
            "javascript:alert(1)",
            " /x",
            "/x y",
            "/\t/evil.example",
            "/x\r\nSet-Cookie: id=1",
            "/\u{0}",
            "/é",
            long.as_str(),
        ];
        for text in bad {
            assert_eq!(ReturnTo::parse(text), None, "{text:?}");
        }
    }
}
