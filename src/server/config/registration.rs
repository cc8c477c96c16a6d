//! Who may create an account.

use serde::{Deserialize, Serialize};

/// Who may create an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationConfig {
    pub policy: RegistrationPolicy,
}

/// Who may create an account by themselves. The operator can always create one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RegistrationPolicy {
    Open,
    Invitation,
    Closed,
}

impl TryFrom<String> for RegistrationPolicy {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "open" => Ok(Self::Open),
            "invitation" => Ok(Self::Invitation),
            "closed" => Ok(Self::Closed),
            _ => Err("it is open, invitation or closed"),
        }
    }
}
