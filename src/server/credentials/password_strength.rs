use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, task};
use zxcvbn::{Score, zxcvbn};

use crate::model::Strength;

/// How many characters are rated at a time: the work grows faster than their number.
const WINDOW: usize = 32;
/// Symbols that zxcvbn also reads as letters, in every combination of those that occur: a password
/// of all of them takes half a second. Beyond the first few of them, others stand in their place.
const AMBIGUOUS: &str = "@({[<|!$+%";
const UNAMBIGUOUS: &str = "&*_=;:,.?^";
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
        let turn = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let windows = windows(password.expose_secret());
        let score = task::spawn_blocking(move || {
            let _turn = turn;
            windows.iter().map(score).max()
        });
        Some(match score.await.ok()?? {
            Score::Four => Strength::Strong,
            Score::Three => Strength::Good,
            Score::Two => Strength::Fair,
            Score::One => Strength::Weak,
            _ => Strength::Trivial,
        })
    }
}

/// Whether a password is [`Strength::Weak`] at most. It takes milliseconds, for some passwords tens of them.
pub fn is_easy_to_guess(password: &str) -> bool {
    windows(password).iter().all(|window| score(window) <= Score::One)
}

/// zxcvbn makes copies of what it rates, and does not wipe them.
fn score(window: &SecretString) -> Score {
    zxcvbn(window.expose_secret(), &[]).score()
}

/// The beginning of a password and, if it is long, its end. The better one counts.
fn windows(password: &str) -> Vec<SecretString> {
    let length = password.chars().count();
    let end = (length > WINDOW).then(|| window(password.chars().skip(length - WINDOW)));
    [window(password.chars().take(WINDOW))].into_iter().chain(end).collect()
}

fn window(chars: impl Iterator<Item = char>) -> SecretString {
    let mut ambiguous = String::new();
    let mut window = String::with_capacity(WINDOW * char::MAX_LEN_UTF8);
    window.extend(chars.map(|char| {
        let substitute = AMBIGUOUS.chars().zip(UNAMBIGUOUS.chars()).find(|(symbol, _)| *symbol == char);
        match substitute {
            Some(_) if ambiguous.contains(char) => char,
            Some((_, substitute)) if ambiguous.len() == MAX_AMBIGUOUS => substitute,
            Some(_) => {
                ambiguous.push(char);
                char
            }
            None => char,
        }
    }));
    window.into()
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

    #[tokio::test]
    async fn the_better_of_beginning_and_end_counts() {
        let weak = "a".repeat(40);
        assert_eq!(rate(&weak).await, Strength::Trivial);
        assert_eq!(rate(&format!("{weak} seven impossible things")).await, Strength::Strong);
        assert_eq!(rate(&format!("seven impossible things {weak}")).await, Strength::Strong);
    }

    #[test]
    fn work_is_bounded() {
        let windows = windows(&format!("@@(({{{{[[<<{}+", "a".repeat(1000)));
        let [beginning, end] = windows.as_slice() else { panic!("two are expected") };
        assert_eq!(beginning.expose_secret(), &format!("@@(({{{{==;;{}", "a".repeat(22)));
        assert_eq!(end.expose_secret(), &format!("{}+", "a".repeat(31)));
    }

    #[tokio::test]
    async fn one_at_a_time() {
        let rater = PasswordRater::default();
        let _taken = Arc::clone(&rater.free).acquire_owned().await.expect("free");
        assert_eq!(rater.rate(&"anything".to_owned().into()).await, None);
    }

    #[test]
    fn what_is_easy_to_guess() {
        assert!(is_easy_to_guess("password1") && is_easy_to_guess("") && is_easy_to_guess(&"ab".repeat(100)));
        assert!(!is_easy_to_guess("seven impossible things") && !is_easy_to_guess("x7Kp2mQz"));
    }
}
