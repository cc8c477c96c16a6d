//! Words that anyone would try for a person on this site (ASVS 6.2.11): parts of the name and of the email
//! address, and the names of the product and of the host.

use zeroize::Zeroizing;

use super::common_passwords::fold;
use crate::words;

/// Shorter ones are parts of too many other words.
const MIN_LENGTH: usize = 3;

/// Who chooses a password, and where.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub name: &'a str,
    pub email: &'a str,
    /// The host of `public_url`.
    pub host: &'a str,
}

impl Context<'_> {
    /// Words of the person.
    pub fn personal(&self) -> Vec<Zeroizing<String>> {
        let (mailbox, domain) = self.email.rsplit_once('@').unwrap_or((self.email, ""));
        let whole = [self.name, self.email, mailbox];
        let parts = [self.name, mailbox, without_suffix(domain)].into_iter().flat_map(parts);
        words(whole.into_iter().chain(parts))
    }

    /// Words of the site.
    pub fn of_the_site(&self) -> Vec<Zeroizing<String>> {
        let whole = [words::PRODUCT, self.host];
        words(whole.into_iter().chain(parts(without_suffix(self.host))))
    }
}

/// What is left of a password without these words; `None` if it has none of them.
pub fn without(password: &str, words: &[Zeroizing<String>]) -> Option<Zeroizing<String>> {
    let mut rest = fold(password);
    let length = rest.len();
    for word in words {
        rest = Zeroizing::new(rest.replace(word.as_str(), ""));
    }
    (rest.len() < length).then_some(rest)
}

/// `com` or `org` are on every site.
fn without_suffix(domain: &str) -> &str {
    domain.rsplit_once('.').map_or(domain, |(name, _)| name)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !char.is_alphanumeric())
}

/// Long enough, and the longest first: `adalovelace` before `ada`.
fn words<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Zeroizing<String>> {
    let mut words: Vec<_> = texts.map(fold).collect();
    words.retain(|word| word.chars().count() >= MIN_LENGTH && word.contains(char::is_alphabetic));
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}
