use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Entropy, random};

/// The id of an account: 128 random bits, base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountId(String);

impl AccountId {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random::<16>(entropy)))
    }

    /// An id that was stored.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account without its password hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub admin: bool,
    /// Incremented whenever a credential changes. Sessions that were authenticated with an earlier
    /// version are over.
    pub credential_version: i64,
}
