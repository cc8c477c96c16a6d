use serde::{Deserialize, Serialize};

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
