use serde::{Deserialize, Serialize};

use super::{FromJson, Json};

/// How hard a password is to guess, in the five steps of zxcvbn (Wheeler, USENIX Security 2016).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Strength {
    /// Under a thousand guesses.
    Trivial,
    /// Under a million.
    Weak,
    /// Under a hundred million.
    Fair,
    /// Under ten thousand million.
    Good,
    Strong,
}

impl Strength {
    /// From the easiest to guess to the hardest.
    pub const ALL: [Self; 5] = [Self::Trivial, Self::Weak, Self::Fair, Self::Good, Self::Strong];

    fn as_str(self) -> &'static str {
        match self {
            Self::Trivial => "Trivial",
            Self::Weak => "Weak",
            Self::Fair => "Fair",
            Self::Good => "Good",
            Self::Strong => "Strong",
        }
    }
}

impl FromJson for Strength {
    fn from_json(json: &impl Json) -> Option<Self> {
        let text = json.text()?;
        Self::ALL.into_iter().find(|strength| strength.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::reads_back;

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        Strength::ALL.into_iter().for_each(reads_back);
    }
}
