//! The three names of a session: the secret one, its hash, and the public one.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::server::clock::{Entropy, random};

/// 128 random bits (ASVS 7.2.3). Whoever knows them has the session, so they are only ever in the
/// cookie: this type has no `Display`, and its `Debug` says nothing.
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

    /// What the store knows it by. A plain hash suffices: 128 random bits cannot be guessed.
    pub fn hash(&self) -> IdHash {
        IdHash(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.0)))
    }

    /// A stand-in for `tower_sessions`, whose own id is printed by its `Debug`: half of the hash,
    /// which names the session and opens nothing.
    pub(super) fn to_tower(&self) -> tower_sessions::session::Id {
        let hash = Sha256::digest(self.0);
        let half = hash.iter().take(Self::LENGTH);
        tower_sessions::session::Id(half.fold(0, |id, byte| id << 8 | i128::from(*byte)))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(…)")
    }
}

/// SHA-256 of a session id, base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdHash(String);

impl IdHash {
    /// One that a store has kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a session in logs and on pages, base64url of 96 random bits. Gives no access, and
/// says nothing of the id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handle(String);

impl Handle {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random::<12>(entropy)))
    }

    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
