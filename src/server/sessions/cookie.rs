//! The cookie that carries the session id.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};

use super::{CookieNames, IdHash, SessionId, SignedCookie};
use crate::server::signing_keys::SigningKey;

const PURPOSE: &[u8] = b"vestibule session cookie 1\0";
/// Pages have short paths, so a longer one is not worth many lines of cookies.
const MAX_PATH_LENGTH: usize = 100;

/// The one cookie that carries a session id.
#[derive(Debug)]
pub struct SessionCookie(SignedCookie);

/// A session cookie that this server has set.
#[derive(Debug)]
pub struct VerifiedCookie {
    pub id: SessionId,
    /// Signed by a key that is no longer the first.
    pub old_key: bool,
}

impl SessionCookie {
    pub fn new(names: &CookieNames, keys: Arc<[SigningKey]>) -> Self {
        Self(SignedCookie::new(names.session(), names.is_secure(), PURPOSE, keys))
    }

    /// The session cookie of a request, if its signature is valid.
    pub fn read(&self, headers: &HeaderMap) -> Option<VerifiedCookie> {
        let cookie = self.0.read(headers)?;
        let id = SessionId::from_bytes(cookie.payload.try_into().ok()?);
        Some(VerifiedCookie { id, old_key: cookie.old_key })
    }

    /// True if a request carries a cookie of this name, whatever its value.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        self.0.values(headers).next().is_some()
    }

    /// The hash of the session id in the cookie of a request.
    pub fn id_from_cookie(&self, headers: &HeaderMap) -> Option<IdHash> {
        self.read(headers).map(|cookie| cookie.id.hash())
    }

    /// The header that sets the cookie; without `max_age` the browser keeps it until it is closed.
    pub fn set(&self, id: &SessionId, max_age: Option<Duration>) -> Option<HeaderValue> {
        self.0.set(id.as_bytes(), max_age)
    }

    /// The header that removes the cookie.
    pub fn remove(&self) -> Option<HeaderValue> {
        self.0.remove()
    }

    /// The headers that remove what shadows the cookie at this path: cookies of the same name for a part of the
    /// site, if a request carries another valid one. Such a page would send people to sign in, where they are
    /// signed in already, and so on for ever. A name with `__Host-` cannot be shadowed.
    pub fn remove_shadows(&self, headers: &HeaderMap, path: &str) -> Vec<HeaderValue> {
        let is_plain = path.len() <= MAX_PATH_LENGTH && path.bytes().all(|byte| byte > b' ' && byte != b';');
        if self.0.is_secure() || !is_plain || !self.0.is_ambiguous(headers) {
            return Vec::new();
        }
        let folders = path.match_indices('/').flat_map(|(at, _)| [&path[..at], &path[..=at]]);
        let parts = folders.chain([path]).filter(|part| part.len() > 1);
        parts.filter_map(|part| self.0.header("", part, Some(Duration::ZERO))).collect()
    }
}

#[cfg(test)]
mod tests {
    use http::header;
    use secrecy::SecretBox;

    use super::*;

    fn cookie(secure: bool, keys: &[u8]) -> SessionCookie {
        let keys = keys.iter().map(|byte| SecretBox::new(Box::new([*byte; 32])));
        let name = if secure { "__Host-id" } else { "id" };
        SessionCookie(SignedCookie::new(name.to_owned(), secure, PURPOSE, keys.collect()))
    }

    fn id() -> SessionId {
        SessionId::from_bytes([7; 16])
    }

    /// `name=value` as a browser would send it back.
    fn pair(cookie: &SessionCookie) -> String {
        let line = cookie.set(&id(), None).expect("a header");
        line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned()
    }

    fn read(cookie: &SessionCookie, lines: &[&str]) -> Option<SessionId> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).expect("a header"));
        }
        cookie.read(&headers).map(|cookie| cookie.id)
    }

    #[test]
    fn attributes_follow_the_scheme() {
        let https = cookie(true, &[1]).set(&id(), Some(Duration::from_secs(60))).expect("a header");
        let https = https.to_str().expect("ASCII");
        assert!(https.starts_with("__Host-id="));
        assert!(https.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=60"), "{https}");
        let http = cookie(false, &[1]).set(&id(), None).expect("a header");
        let http = http.to_str().expect("ASCII");
        assert!(http.starts_with("id="));
        assert!(http.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{http}");
        let removal = cookie(true, &[1]).remove().expect("a header");
        assert_eq!(removal, "__Host-id=; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=0");
    }

    #[test]
    fn what_was_set_is_read_back() {
        let cookie = cookie(true, &[1]);
        let ours = pair(&cookie);
        let name = "__Host-id";
        assert_eq!(read(&cookie, &[&ours]), Some(id()));
        for line in [format!("{name}=x; {ours}"), format!("{ours}; {name}="), format!("{ours}; {ours}")] {
            assert_eq!(read(&cookie, &[&line]), Some(id()), "{line}");
        }
        assert_eq!(read(&cookie, &[&format!("{name}=x"), &ours]), Some(id()), "in a second header line");
        assert_eq!(read(&cookie, &[&format!("theme=dark; {ours}; a=b")]), Some(id()));
        assert_eq!(read(&cookie, &["theme=dark", &ours]), Some(id()));
    }

    #[test]
    fn anything_else_is_as_if_no_cookie_came() {
        let cookie = cookie(true, &[1]);
        let ours = pair(&cookie);
        let value = ours.strip_prefix("__Host-id=").expect("our name");
        let flipped = format!("__Host-id={}A", &value[..value.len() - 1]);
        let other = super::tests::cookie(true, &[2]);
        let bad = [
            format!("%5F%5FHost-id={value}"),
            format!("__host-id={value}"),
            format!("__Host-id ={value}"),
            format!("\u{a0}__Host-id={value}"),
            format!("id={value}"),
            format!("__Host-id=\"{value}\""),
            format!("__Host-id={value}="),
            pair(&other),
            flipped,
            "__Host-id=".to_owned(),
            format!("__Host-id={}", "A".repeat(10_000)),
            "__Host-id".to_owned(),
            ";;=;".to_owned(),
        ];
        for line in &bad {
            assert_eq!(read(&cookie, &[line]), None, "{line}");
        }
    }

    #[test]
    fn two_that_verify_and_differ_are_none_and_shadows_are_removed() {
        let cookie = cookie(false, &[1]);
        let other = cookie.set(&SessionId::from_bytes([8; 16]), None).expect("a header");
        let other = other.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        let line = format!("{other}; {}", pair(&cookie));
        assert_eq!(read(&cookie, &[&line]), None);
        let removed = |line: &str, path: &str| -> Vec<String> {
            let headers = HeaderMap::from_iter([(header::COOKIE, line.parse().expect("a header"))]);
            let lines = cookie.remove_shadows(&headers, path);
            lines.iter().map(|line| line.to_str().expect("ASCII").to_owned()).collect()
        };
        let expected = ["/account", "/account/", "/account/sessions"]
            .map(|path| format!("id=; HttpOnly; SameSite=Lax; Path={path}; Max-Age=0"));
        assert_eq!(removed(&line, "/account/sessions"), expected);
        assert_eq!(removed(&line, "/"), [""; 0], "the cookie itself stays");
        assert_eq!(removed(&line, "/a;Domain=x/b"), [""; 0]);
        assert_eq!(removed(&pair(&cookie), "/account"), [""; 0]);
        assert_eq!(removed("", "/account"), [""; 0]);
    }

    #[test]
    fn keys_can_be_rotated() {
        let old = pair(&cookie(true, &[1]));
        let rotated = cookie(true, &[2, 1]);
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, old.parse().expect("a header"));
        assert!(rotated.read(&headers).expect("still verifies").old_key);
        headers.insert(header::COOKIE, pair(&rotated).parse().expect("a header"));
        assert!(!rotated.read(&headers).expect("verifies").old_key);
        assert_eq!(read(&cookie(true, &[2]), &[&old]), None, "a removed key verifies nothing");
    }
}
