use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Entropy, random};

/// Bytes of a handle.
const LENGTH: usize = 12;

/// The public name of a session, in logs and on pages: 96 random bits, base64url. It gives no access
/// to the session and says nothing about its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionHandle(String);

impl SessionHandle {
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random::<LENGTH>(entropy)))
    }

    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// What a client has sent, if it can be a handle. Anything else, such as a NUL byte, is not for databases.
    pub fn parse(text: String) -> Option<Self> {
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(&text).ok()?;
        (decoded.len() == LENGTH).then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
