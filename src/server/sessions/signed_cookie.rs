//! Cookies with a signed value (RFC 6265bis). They are read and written byte for byte.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret;
use sha2::Sha256;

use crate::server::signing_keys::SigningKey;

/// Browsers drop a cookie that is longer than 4,096 bytes (RFC 6265bis, section 5.6); its name and
/// attributes count too.
const MAX_VALUE_LENGTH: usize = 3800;
/// Length of a signature in base64url: 32 bytes.
const SIGNATURE_LENGTH: usize = 43;

/// A cookie that only this server can have set. On http there is no `Secure` attribute, because Safari keeps no
/// secure cookie from http://localhost.
#[derive(Debug)]
pub struct SignedCookie {
    name: String,
    secure: bool,
    /// Covered by the signature, so that the value of one cookie does not pass for another's.
    purpose: &'static [u8],
    /// The first signs, all of them verify.
    keys: Arc<[SigningKey]>,
}

/// What a cookie carried whose signature is valid.
#[derive(Debug, PartialEq, Eq)]
pub struct Verified {
    pub payload: Vec<u8>,
    /// Signed by a key that is no longer the first.
    pub old_key: bool,
}

impl SignedCookie {
    /// `name` is one of [`CookieNames`](super::CookieNames).
    pub fn new(name: String, secure: bool, purpose: &'static [u8], keys: Arc<[SigningKey]>) -> Self {
        Self { name, secure, purpose, keys }
    }

    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The cookie of a request. A name that differs in any byte, a malformed value or an invalid signature
    /// count as no cookie; so do two valid ones that say different things, since either may be forced on the
    /// browser. Nothing is logged, since strangers could fill the log.
    pub fn read(&self, headers: &HeaderMap) -> Option<Verified> {
        let mut verified = self.verified(headers);
        let first = verified.next()?;
        verified.all(|other| other.payload == first.payload).then_some(first)
    }

    /// True if a request carries several valid values that say different things.
    pub(super) fn is_ambiguous(&self, headers: &HeaderMap) -> bool {
        self.verified(headers).next().is_some() && self.read(headers).is_none()
    }

    fn verified<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = Verified> {
        self.values(headers).filter_map(|value| self.verify(value))
    }

    /// The values of all cookies of this name. There may be several: another host of the domain, or another path,
    /// can add one, which must not hide ours.
    pub(super) fn values<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a [u8]> {
        let lines = headers.get_all(header::COOKIE).iter();
        lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(|pair| {
            let pair = pair.trim_ascii_start();
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            (&pair[..equals] == self.name.as_bytes()).then(|| &pair[equals + 1..])
        })
    }

    /// The header that sets the cookie; without `max_age` the browser keeps it until it is closed.
    /// `None` if the payload is too long for a cookie.
    pub fn set(&self, payload: &[u8], max_age: Option<Duration>) -> Option<HeaderValue> {
        self.header(&self.sign(payload)?, "/", max_age)
    }

    /// The value of the cookie: only base64url and a dot. `None` if the payload is too long for a cookie.
    pub fn sign(&self, payload: &[u8]) -> Option<String> {
        let signature = self.mac(self.keys.first()?, payload)?.finalize().into_bytes();
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
        let value = format!("{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        (value.len() <= MAX_VALUE_LENGTH).then_some(value)
    }

    /// The header that removes the cookie, with the attributes that it was set with: for `__Host-`
    /// browsers require them.
    pub fn remove(&self) -> Option<HeaderValue> {
        self.header("", "/", Some(Duration::ZERO))
    }

    pub(super) fn header(&self, value: &str, path: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = &self.name;
        let line = format!("{name}={value}; HttpOnly; SameSite=Lax; Path={path}{secure}{max_age}");
        let mut header = HeaderValue::from_str(&line).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// What a value carries that this server has signed.
    pub fn verify(&self, value: &[u8]) -> Option<Verified> {
        if value.len() > MAX_VALUE_LENGTH {
            return None;
        }
        let (payload, signature) = value.split_at_checked(value.len().checked_sub(SIGNATURE_LENGTH)?)?;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload.strip_suffix(b".")?).ok()?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        let fits = |key| self.mac(key, &payload).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
        let position = self.keys.iter().position(fits)?;
        Some(Verified { payload, old_key: position > 0 })
    }

    fn mac(&self, key: &SigningKey, payload: &[u8]) -> Option<Hmac<Sha256>> {
        let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()?;
        Some(mac.chain_update(self.purpose).chain_update(payload))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;

    #[test]
    fn a_signature_is_for_one_purpose() {
        let keys: Arc<[SigningKey]> = [SecretBox::new(Box::new([1; 32]))].into();
        let [one, other] = [&b"one"[..], b"other"]
            .map(|purpose| SignedCookie::new("a".to_owned(), false, purpose, keys.clone()));
        let line = one.set(b"payload", None).expect("a header");
        let pair = line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        let headers = HeaderMap::from_iter([(header::COOKIE, pair.parse().expect("a header"))]);
        assert_eq!(one.read(&headers).expect("verifies").payload, b"payload");
        assert_eq!(other.read(&headers), None);
    }
}
