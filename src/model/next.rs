//! The return address: where to go after signing in.

use serde::{Deserialize, Serialize};

/// Longest return address that is kept, in bytes.
const LONGEST: usize = 2048;

/// A path on this very origin (with its query), and nothing else.
///
/// An open redirect hands a visitor's trust to a stranger (CWE-601), and browsers read more
/// strings as "another origin" than one expects: `//host`, `/\host`, tabs inside. Parsing refuses
/// all that is not plain; whoever holds a `Next` may put it into `Location`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Next(String);

impl Next {
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// `None` for anything but a same-origin absolute path.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let acceptable = plain
            && text.len() <= LONGEST
            && path.starts_with('/')
            && !path.contains("//")
            && !path.split('/').any(|segment| segment == "." || segment == "..");
        acceptable.then(|| Self(text.to_owned()))
    }

    pub fn parse_or_home(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(Self::home)
    }

    /// The return address that the query of `wanted` (path and query) carries.
    pub fn within(wanted: &str) -> Option<Self> {
        let (_, query) = wanted.split_once('?')?;
        let next = query.split('&').find_map(|pair| pair.strip_prefix("next="))?;
        Self::parse(&decode(next)?)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `page` with this address in its query.
    pub fn carried_by(&self, page: &str) -> String {
        format!("{page}?next={}", encode(&self.0))
    }
}

impl TryFrom<String> for Next {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a path on this origin")
    }
}

impl From<Next> for String {
    fn from(next: Next) -> Self {
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

/// Undoes [`encode`]; `None` for what is no percent-encoding of UTF-8.
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
        for path in ["/", "/account", "/account/sessions?page=2", "/a#b", "/?q=//x", "/%2F%2Fx"] {
            assert_eq!(Next::parse(path).map(String::from).as_deref(), Some(path));
        }
    }

    #[test]
    fn everything_else_is_dropped() {
        let long = format!("/{}", "a".repeat(LONGEST));
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
            assert_eq!(Next::parse(text), None, "{text:?}");
        }
    }
}
