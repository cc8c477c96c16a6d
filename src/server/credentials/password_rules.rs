//! What a new password must be (ASVS 6.2, NIST SP 800-63B-4 3.1.1): long enough, and not what one would try
//! first. No composition rules.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{
    common_passwords::is_common,
    context_words::{Context, without},
    hashing_queue::Priority,
    password_hash::PasswordError,
    password_hasher::PasswordHasher,
    password_strength::is_easy_to_guess,
};
use crate::words::Problem;

/// Minimum length of a password, in characters: Unicode in NFC (ASVS 6.2.1, NIST SP 800-63B).
pub const MIN_PASSWORD_LENGTH: u16 = 8;
/// Maximum length of a password, in characters: far beyond need, yet a bound on the work of hashing one.
pub const MAX_PASSWORD_LENGTH: u16 = 256;

/// What is wrong with a new password. It must not be on the list of common and breached ones (ASVS 6.2.4 and 6.2.12),
/// nor be what the strength meter calls easy to guess; words of its context count for nothing (6.2.11).
///
/// # Errors
/// [`PasswordError::Busy`] when too many are waiting to be judged or hashed.
pub async fn check_new_password(
    hasher: &PasswordHasher,
    password: &SecretString,
    context: Context<'_>,
    priority: Priority,
) -> Result<Option<Problem>, PasswordError> {
    let password = password.expose_secret();
    if let Err(problem) = check_characters(password) {
        return Ok(Some(problem));
    }
    let unmarked = without_mark(password);
    if is_common_password(password) {
        return Ok(Some(Problem::Common));
    }
    let personal = context.personal();
    let rest = without(unmarked, &personal).map(|rest| (rest, Problem::SameAsOther));
    let all = [personal, context.of_the_site()].concat();
    let rest_of_all = without(unmarked, &all).map(|rest| (rest, Problem::NameOfSite));
    let whole = (Zeroizing::new(unmarked.to_owned()), Problem::Guessable);
    let mut judged = [rest, rest_of_all, Some(whole)].into_iter().flatten();
    let judge = move || judged.find(|(text, _)| is_easy_to_guess(text)).map(|(_, problem)| problem);
    match hasher.in_turn(priority, judge).await {
        // A password that zxcvbn stumbles over is not a usual one.
        Err(PasswordError::Task(_)) => Ok(None),
        judged => judged,
    }
}

/// Whether a password is on the list of common and breached ones.
pub fn is_common_password(password: &str) -> bool {
    is_common(password) || is_common(without_mark(password))
}

/// A mark at the end is what people add when a site insists on one.
fn without_mark(password: &str) -> &str {
    password.strip_suffix(|char: char| char.is_ascii_punctuation()).unwrap_or(password)
}

fn check_characters(password: &str) -> Result<(), Problem> {
    let length = password.nfc().count();
    if password.is_empty() {
        Err(Problem::Missing)
    } else if password.chars().any(char::is_control) {
        Err(Problem::Unprintable)
    } else if length < usize::from(MIN_PASSWORD_LENGTH) {
        Err(Problem::TooShort(MIN_PASSWORD_LENGTH))
    } else if length > usize::from(MAX_PASSWORD_LENGTH) {
        Err(Problem::TooLong(MAX_PASSWORD_LENGTH))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use super::*;
    use crate::server::{config::Config, system::SystemEntropy};

    const CONTEXT: Context<'_> = Context {
        name: "Ada Lovelace",
        email: "countess.al@analytical-engine.co.uk",
        host: "app.teahouse.example",
    };

    async fn check(password: &str) -> Option<Problem> {
        let config = Config::load(None, HashMap::new()).expect("the defaults").passwords;
        let hasher = PasswordHasher::new(&config, Arc::new(SystemEntropy)).expect("valid parameters");
        let password = password.to_owned().into();
        check_new_password(&hasher, &password, CONTEXT, Priority::Stranger).await.expect("not busy")
    }

    #[track_caller]
    fn all(passwords: &[&str], expected: Option<Problem>) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            for password in passwords {
                assert_eq!(check(password).await, expected, "{password}, at {caller}");
            }
        }
    }

    #[test]
    fn the_hint_names_the_minimum_length() {
        assert!(crate::words::fields::PASSWORD_HINT.contains(&format!("At least {MIN_PASSWORD_LENGTH} ")));
    }

    #[tokio::test]
    async fn length_is_counted_in_characters() {
        all(&[""], Some(Problem::Missing)).await;
        all(&["seven77", "e\u{301}e\u{301}e\u{301}e\u{301}"], Some(Problem::TooShort(8))).await;
        all(&["kx7rq2mz", "мгла и я"], None).await;
        all(&[&"ab".repeat(128)], Some(Problem::Guessable)).await;
        all(&[&format!("{} of tea", "x9Kq".repeat(62))], None).await;
        all(&[&"x".repeat(257)], Some(Problem::TooLong(256))).await;
    }

    #[tokio::test]
    async fn spaces_and_symbols_are_welcome_but_not_control_characters() {
        all(&["correct horse battery staple", "🦀 🐢 🌊 🪁 🎹 📯 🪵", "@({[<|!$"], None).await;
        all(&["eight888\0"], Some(Problem::Unprintable)).await;
    }

    #[tokio::test]
    async fn common_passwords_are_refused_in_any_case_and_with_a_mark() {
        all(
            &["password", "12345678", "PASSWORD1", "Password123", "letmein123!", "qwertyuiop?"],
            Some(Problem::Common),
        )
        .await;
    }

    #[tokio::test]
    async fn what_is_easy_to_guess_is_refused() {
        let sequences =
            ["aaaaaaaaaaaaaaaaaa", "123456789012345678901234", "defghijklmnopqrstuv", "qwertyuiopasdfgh1"];
        all(&sequences, Some(Problem::Guessable)).await;
        all(
            &[
                "Summer2025!",
                "P@ssw0rd99",
                "charlie1998!",
                "\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}\u{1f980}",
            ],
            Some(Problem::Guessable),
        )
        .await;
    }

    #[tokio::test]
    async fn name_and_email_count_for_nothing() {
        let alone = ["ada lovelace", "COUNTESS.AL@ANALYTICAL-ENGINE.CO.UK", "Countess.al", "analytical"];
        all(&alone, Some(Problem::SameAsOther)).await;
        all(
            &["adalovelace1", "LovelaceAda!", "countess2026", "ada.ada.ada.ada", "lovelace-7hK"],
            Some(Problem::SameAsOther),
        )
        .await;
        all(&["ada lovelace counts seven herons", "lovelace-7hK2qX9z"], None).await;
    }

    #[tokio::test]
    async fn the_names_of_product_and_host_count_for_nothing() {
        let words =
            ["Vestibule1!", "vestibulevestibule", "teahouse2026", "app.teahouse.example", "ada@teahouse"];
        all(&words, Some(Problem::NameOfSite)).await;
        all(&["seven herons in the vestibule"], None).await;
    }
}
