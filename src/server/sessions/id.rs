//! The secret id of a session, and the hash by which it is stored.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::server::domain::{Entropy, random};

/// 128 random bits (ASVS 7.2.3). They are the key to the session, so they exist in the cookie alone: this
/// type has no `Display`, and its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; Self::LENGTH]);

impl SessionId {
    pub const LENGTH: usize = 16;

    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random(entropy))
    }

    pub(super) fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The key of the session in the store. No salt is needed: 128 random bits cannot be guessed.
    pub fn hash(&self) -> IdHash {
        IdHash(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0)))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// SHA-256 of a session id, base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdHash(String);

impl IdHash {
    /// A hash as a store has kept it.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
