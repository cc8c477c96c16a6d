use secrecy::{ExposeSecret, SecretString};
use tokio::task;
use zxcvbn::{Score, zxcvbn};

use crate::model::Strength;

/// More characters than this make no difference, only work.
const LONGEST: usize = 64;

/// How hard a password is to guess. Off the async threads: a crafted one takes milliseconds.
pub async fn strength(password: &SecretString) -> Strength {
    let password: SecretString = password.expose_secret().chars().take(LONGEST).collect::<String>().into();
    let rated = task::spawn_blocking(move || zxcvbn(password.expose_secret(), &[]).score());
    match rated.await {
        Ok(Score::Four) => Strength::Strong,
        Ok(Score::Three) => Strength::Good,
        Ok(Score::Two) => Strength::Fair,
        Ok(Score::One) => Strength::Weak,
        // A rating is advice; without one, none is given that reassures.
        Ok(_) | Err(_) => Strength::Trivial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn words_are_better_than_tricks() {
        assert_eq!(strength(&"password1".to_owned().into()).await, Strength::Trivial);
        assert_eq!(strength(&"correct horse battery staple".to_owned().into()).await, Strength::Strong);
        assert_eq!(strength(&String::new().into()).await, Strength::Trivial);
    }
}
