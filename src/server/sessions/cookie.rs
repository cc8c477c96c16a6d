//! The session cookie.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};

use super::{IdHash, SessionId};
use crate::server::{signed_cookie::SignedCookie, signing_keys::SigningKey};

const NAME: &str = "id";
const PURPOSE: &[u8] = b"vestibule session cookie 1\0";

/// The one cookie that carries a session id: `__Host-id` on https, `id` on http.
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
    pub fn new(secure: bool, keys: Arc<[SigningKey]>) -> Self {
        Self(SignedCookie::new(NAME, secure, PURPOSE, keys))
    }

    /// The session cookie of a request, if its signature is valid.
    pub fn read(&self, headers: &HeaderMap) -> Option<VerifiedCookie> {
        let cookie = self.0.read(headers)?;
        let id = SessionId::from_bytes(cookie.payload.try_into().ok()?);
        Some(VerifiedCookie { id, old_key: cookie.old_key })
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
}

#[cfg(test)]
mod tests {
    use http::header;
    use secrecy::SecretBox;

    use super::*;

    fn cookie(secure: bool, keys: &[u8]) -> SessionCookie {
        let keys = keys.iter().map(|byte| SecretBox::new(Box::new([*byte; 32])));
        SessionCookie::new(secure, keys.collect())
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
        assert_eq!(read(&cookie, &[&ours]), Some(id()));
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
            format!("{ours}; {ours}"),
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
        assert_eq!(read(&cookie, &[&ours, &ours]), None, "a duplicate in a second header line");
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
