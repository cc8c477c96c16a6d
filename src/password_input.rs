//! A password on its way from a form to a server function.

use std::{fmt, mem};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What was typed. It is wiped when it is dropped, and `Debug` does not show it, also not as one of the arguments of
/// a server function. The server turns it into a secret; nothing sends it to a browser.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PasswordInput(Zeroizing<String>);

impl From<String> for PasswordInput {
    fn from(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }
}

impl From<PasswordInput> for String {
    fn from(mut input: PasswordInput) -> Self {
        mem::take(&mut input.0)
    }
}

impl fmt::Debug for PasswordInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[a password]")
    }
}
