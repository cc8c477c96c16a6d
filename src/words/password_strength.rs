//! How hard a password is to guess.

use crate::model::Strength;

pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Trivial => "Very easy to guess",
        Strength::Weak => "Easy to guess",
        Strength::Fair => "Could be stronger",
        Strength::Good => "Good",
        Strength::Strong => "Strong",
    }
}
