//! The session cookie (RFC 6265bis), read and written byte for byte.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret;
use sha2::Sha256;

use super::SessionId;
use crate::server::secrets::Key;

/// What the signature covers besides the id, so that it fits nothing else signed with the key.
const CONTEXT: &[u8] = b"vestibule session cookie 1\0";
/// 16 bytes of id and 32 of signature, in base64url with a dot between.
const VALUE_LENGTH: usize = 22 + 1 + 43;

/// Reads and writes the one cookie that carries a session id.
///
/// With https it is `__Host-id`, which a browser takes only from this host and over TLS; with
/// http it is `id` without `Secure`, because Safari keeps no secure cookie from http://localhost.
#[derive(Debug)]
pub struct SessionCookies {
    secure: bool,
    /// The first signs, all of them verify.
    keys: Vec<Key>,
}

/// A cookie that this server has set.
#[derive(Debug)]
pub struct Presented {
    pub id: SessionId,
    /// Signed with a key that is on its way out.
    pub outdated: bool,
}

impl SessionCookies {
    pub fn new(secure: bool, keys: Vec<Key>) -> Self {
        Self { secure, keys }
    }

    pub fn name(&self) -> &'static str {
        if self.secure { "__Host-id" } else { "id" }
    }

    /// The id that came with a request. A name that is not exactly ours, a second cookie of the
    /// name, a malformed value or a bad signature is as if no cookie came: nothing of it reaches
    /// the store, and nothing is logged, since strangers could fill the log with it.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<Presented> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| {
                let pair = pair.trim_ascii_start();
                let equals = pair.iter().position(|byte| *byte == b'=')?;
                (&pair[..equals] == self.name().as_bytes()).then(|| &pair[equals + 1..])
            });
        let value = values.next()?;
        match values.next() {
            None => self.verify(value),
            Some(_) => None,
        }
    }

    /// Sets the cookie; without `max_age` it ends with the browser.
    pub(super) fn set(&self, id: &SessionId, max_age: Option<Duration>) -> Option<HeaderValue> {
        let signature = self.mac(self.keys.first()?, id)?.finalize().into_bytes();
        let (id, signature) =
            (BASE64_URL_SAFE_NO_PAD.encode(id.as_bytes()), BASE64_URL_SAFE_NO_PAD.encode(signature));
        self.header(&format!("{id}.{signature}"), max_age)
    }

    /// Removes the cookie, with the attributes it was set with: browsers refuse any other for `__Host-`.
    pub(super) fn remove(&self) -> Option<HeaderValue> {
        self.header("", Some(Duration::ZERO))
    }

    fn header(&self, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name();
        let line = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{secure}{max_age}");
        let mut header = HeaderValue::from_str(&line).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    fn verify(&self, value: &[u8]) -> Option<Presented> {
        if value.len() != VALUE_LENGTH || value[22] != b'.' {
            return None;
        }
        let id = BASE64_URL_SAFE_NO_PAD.decode(&value[..22]).ok()?;
        let id = SessionId::from_bytes(id.try_into().ok()?);
        let signature = BASE64_URL_SAFE_NO_PAD.decode(&value[23..]).ok()?;
        let fits = |key| self.mac(key, &id).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
        let position = self.keys.iter().position(fits)?;
        Some(Presented { id, outdated: position > 0 })
    }

    fn mac(&self, key: &Key, id: &SessionId) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()?;
        Some(mac.chain_update(CONTEXT).chain_update(id.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    fn cookies(secure: bool, keys: &[u8]) -> SessionCookies {
        SessionCookies::new(secure, keys.iter().map(|byte| SecretBox::new(Box::new([*byte; 32]))).collect())
    }

    fn id() -> SessionId {
        SessionId::from_bytes([7; 16])
    }

    /// `name=value` as a browser would send it back.
    fn pair(cookies: &SessionCookies) -> String {
        let line = cookies.set(&id(), None).expect("a header");
        line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned()
    }

    fn read(cookies: &SessionCookies, lines: &[&str]) -> Option<SessionId> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).expect("a header"));
        }
        cookies.read(&headers).map(|presented| presented.id)
    }

    #[test]
    fn attributes_follow_the_scheme() {
        let https = cookies(true, &[1]).set(&id(), Some(Duration::from_secs(60))).expect("a header");
        let https = https.to_str().expect("ASCII");
        assert!(https.starts_with("__Host-id="));
        assert!(https.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=60"), "{https}");
        let http = cookies(false, &[1]).set(&id(), None).expect("a header");
        let http = http.to_str().expect("ASCII");
        assert!(http.starts_with("id="));
        assert!(http.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{http}");
        let removal = cookies(true, &[1]).remove().expect("a header");
        assert_eq!(removal, "__Host-id=; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=0");
    }

    #[test]
    fn what_was_set_is_read_back() {
        let cookies = cookies(true, &[1]);
        let ours = pair(&cookies);
        assert_eq!(read(&cookies, &[&ours]), Some(id()));
        assert_eq!(read(&cookies, &[&format!("theme=dark; {ours}; a=b")]), Some(id()));
        assert_eq!(read(&cookies, &["theme=dark", &ours]), Some(id()));
    }

    #[test]
    fn anything_else_is_as_if_no_cookie_came() {
        let cookies = cookies(true, &[1]);
        let ours = pair(&cookies);
        let value = ours.strip_prefix("__Host-id=").expect("our name");
        let flipped = format!("__Host-id={}A", &value[..value.len() - 1]);
        let other = super::tests::cookies(true, &[2]);
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
            assert_eq!(read(&cookies, &[line]), None, "{line}");
        }
        assert_eq!(read(&cookies, &[&ours, &ours]), None, "a duplicate in a second header line");
    }

    #[test]
    fn keys_can_be_rotated() {
        let old = pair(&cookies(true, &[1]));
        let rotated = cookies(true, &[2, 1]);
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, old.parse().expect("a header"));
        assert!(rotated.read(&headers).expect("still verifies").outdated);
        headers.insert(header::COOKIE, pair(&rotated).parse().expect("a header"));
        assert!(!rotated.read(&headers).expect("verifies").outdated);
        assert_eq!(read(&cookies(true, &[2]), &[&old]), None, "a removed key verifies nothing");
    }
}
