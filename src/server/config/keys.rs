use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::server::signing_keys::{self, MalformedKey, SigningKey};

/// Signing keys as text. They are read from the configuration, and never written anywhere.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Keys(Vec<String>);

impl Keys {
    /// # Errors
    /// If one of them is no key.
    pub fn parse(&self) -> Result<Vec<SigningKey>, MalformedKey> {
        self.0.iter().map(|text| signing_keys::parse(text)).collect()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} of them)", self.0.len())
    }
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|_| "(not shown)"))
    }
}
