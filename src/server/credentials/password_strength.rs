use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task};
use zxcvbn::{Score, zxcvbn};

use crate::model::Strength;

/// More characters than this make no difference, only work.
const MAX_LENGTH: usize = 32;
/// Symbols that zxcvbn also reads as letters, in every combination of those that occur: a password
/// of all of them takes half a second. Beyond the first few they are left out of the rating, which
/// then errs on the side of "could be stronger".
const AMBIGUOUS: &str = "@({[<|!$+%";
const MAX_AMBIGUOUS: usize = 3;

/// Rates passwords, one at a time, so that a client that asks for many does not keep the server busy.
#[derive(Debug)]
pub struct PasswordRater {
    free: Arc<Semaphore>,
}

impl Default for PasswordRater {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(1)) }
    }
}

impl PasswordRater {
    /// How hard a password is to guess; `None` while another is being rated. It is only advice.
    pub async fn rate(&self, password: &SecretString) -> Option<Strength> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let password = shorten(password);
        let score = task::spawn_blocking(move || {
            let _permit = permit;
            zxcvbn(password.expose_secret(), &[]).score()
        });
        Some(match score.await.ok()? {
            Score::Four => Strength::Strong,
            Score::Three => Strength::Good,
            Score::Two => Strength::Fair,
            Score::One => Strength::Weak,
            _ => Strength::Trivial,
        })
    }
}

fn shorten(password: &SecretString) -> SecretString {
    let mut ambiguous = String::new();
    let kept = password.expose_secret().chars().filter(|char| {
        let new = AMBIGUOUS.contains(*char) && !ambiguous.contains(*char);
        if new && ambiguous.len() < MAX_AMBIGUOUS {
            ambiguous.push(*char);
        }
        !AMBIGUOUS.contains(*char) || ambiguous.contains(*char)
    });
    kept.take(MAX_LENGTH).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rate(password: &str) -> Strength {
        PasswordRater::default().rate(&password.to_owned().into()).await.expect("free")
    }

    #[tokio::test]
    async fn words_are_better_than_tricks() {
        assert_eq!(rate("password1").await, Strength::Trivial);
        assert_eq!(rate("correct horse battery staple").await, Strength::Strong);
        assert_eq!(rate("x9$Lq@!7(zT{4m|Wp%e<").await, Strength::Strong);
        assert_eq!(rate("").await, Strength::Trivial);
    }

    #[test]
    fn work_is_bounded() {
        let crafted = format!("@@(({{{{[[<<{}", "a".repeat(1000)).into();
        let kept = shorten(&crafted);
        assert_eq!(kept.expose_secret(), &format!("@@(({{{{{}", "a".repeat(26)));
    }

    #[tokio::test]
    async fn one_at_a_time() {
        let rater = PasswordRater::default();
        let _taken = Arc::clone(&rater.free).acquire_owned().await.expect("free");
        assert_eq!(rater.rate(&"anything".to_owned().into()).await, None);
    }
}
