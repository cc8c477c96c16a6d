//! Cookies whose value is signed (RFC 6265bis), read and written byte for byte.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use secrecy::ExposeSecret;
use sha2::Sha256;

use super::signing_keys::SigningKey;

/// Browsers drop a cookie that is longer than 4,096 bytes (RFC 6265bis, section 5.6); its name and
/// attributes count too.
const MAX_VALUE_LENGTH: usize = 3800;
/// Length of a signature in base64url: 32 bytes.
const SIGNATURE_LENGTH: usize = 43;

/// A cookie that only this server can have set.
///
/// On https its name begins with `__Host-`, so that a browser accepts it from this host over TLS and
/// from nobody else. On http there is no `Secure` attribute either, because Safari keeps no secure
/// cookie from http://localhost.
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
    pub fn new(name: &str, secure: bool, purpose: &'static [u8], keys: Arc<[SigningKey]>) -> Self {
        let name = if secure { format!("__Host-{name}") } else { name.to_owned() };
        Self { name, secure, purpose, keys }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cookie of a request. A name that differs in any byte, a second cookie of the same name, a
    /// malformed value or an invalid signature count as no cookie. Nothing is logged, since strangers
    /// could fill the log.
    pub fn read(&self, headers: &HeaderMap) -> Option<Verified> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| {
                let pair = pair.trim_ascii_start();
                let equals = pair.iter().position(|byte| *byte == b'=')?;
                (&pair[..equals] == self.name.as_bytes()).then(|| &pair[equals + 1..])
            });
        let value = values.next()?;
        match values.next() {
            None => self.verify(value),
            Some(_) => None,
        }
    }

    /// The header that sets the cookie; without `max_age` the browser keeps it until it is closed.
    /// `None` if the payload is too long for a cookie.
    pub fn set(&self, payload: &[u8], max_age: Option<Duration>) -> Option<HeaderValue> {
        let signature = self.mac(self.keys.first()?, payload)?.finalize().into_bytes();
        let payload = BASE64_URL_SAFE_NO_PAD.encode(payload);
        let value = format!("{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        if value.len() > MAX_VALUE_LENGTH { None } else { self.header(&value, max_age) }
    }

    /// The header that removes the cookie, with the attributes that it was set with: for `__Host-`
    /// browsers require them.
    pub fn remove(&self) -> Option<HeaderValue> {
        self.header("", Some(Duration::ZERO))
    }

    fn header(&self, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
        let max_age = max_age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = &self.name;
        let line = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/{secure}{max_age}");
        let mut header = HeaderValue::from_str(&line).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    fn verify(&self, value: &[u8]) -> Option<Verified> {
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
