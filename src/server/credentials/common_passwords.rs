//! The passwords that attackers try first, as a Bloom filter that is compiled in: a list of some hundred
//! thousand in less than 2 MB, and nothing has to be asked over the network.
//!
//! `common_passwords.md` says where the list comes from; `make password-filter` builds the file. Its format
//! depends on no library: the bits of an entry are cut out of SHA-256.

use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The beginning of the file: its name, and the version of its format.
const MAGIC: [u8; 8] = *b"common\0\x01";
/// Read while the program is compiled, so one with a file that it does not understand cannot be built.
const FILTER: BloomFilter<'static> = BloomFilter::parse(include_bytes!("common_passwords.bloom"));

/// A Bloom filter in its file: the magic, then [`Shape`] as three numbers of 64 bits, little-endian, then the bits;
/// bit `i` is bit `i % 8` of byte `i / 8`.
#[derive(Clone, Copy, Debug)]
struct BloomFilter<'a> {
    shape: Shape,
    bits: &'a [u8],
}

/// The measures of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of bits, a multiple of eight.
    pub bits: u64,
    /// How many of them are set for an entry.
    pub hashes: u64,
    /// How many entries it was built from.
    pub entries: u64,
}

impl Shape {
    /// What the file begins with.
    pub fn header(self) -> Vec<u8> {
        let numbers = [self.bits, self.hashes, self.entries].map(u64::to_le_bytes);
        [MAGIC.as_slice(), numbers.as_flattened()].concat()
    }

    /// The bits of an entry (double hashing: Kirsch and Mitzenmacher, 2006).
    pub fn positions(self, entry: &str) -> impl Iterator<Item = u64> {
        let digest = Sha256::digest(entry);
        let number =
            |at| digest.iter().skip(at).take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let (first, step) = (number(0), number(8) | 1);
        (0..self.hashes).map(move |hash| first.wrapping_add(step.wrapping_mul(hash)) % self.bits)
    }
}

impl<'a> BloomFilter<'a> {
    const fn parse(file: &'a [u8]) -> Self {
        let (magic, file) = first_number(file);
        let (bits, file) = first_number(file);
        let (hashes, file) = first_number(file);
        let (entries, file) = first_number(file);
        assert!(magic == u64::from_le_bytes(MAGIC), "the file has another format");
        assert!(bits == file.len() as u64 * 8, "the file is not whole");
        Self { shape: Shape { bits, hashes, entries }, bits: file }
    }

    /// True for every entry, and for very few others.
    fn contains(self, entry: &str) -> bool {
        self.shape.positions(entry).all(|position| {
            let byte = usize::try_from(position / 8).ok().and_then(|at| self.bits.get(at));
            byte.is_some_and(|byte| byte >> (position % 8) & 1 == 1)
        })
    }
}

/// The number that bytes begin with, and the rest.
const fn first_number(bytes: &[u8]) -> (u64, &[u8]) {
    match bytes.split_first_chunk() {
        Some((number, rest)) => (u64::from_le_bytes(*number), rest),
        None => (0, &[]),
    }
}

/// Whether a password is on the list, in whatever dress: upper or lower case, letters of another width or style, spaces or
/// invisible characters between them.
pub fn is_common(password: &str) -> bool {
    let folded = fold(password);
    FILTER.contains(&folded) || FILTER.contains(&undressed(&folded))
}

/// NFKC, lower case, without what is not seen.
fn undressed(text: &str) -> Zeroizing<String> {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    // With room for all of it: NFKC makes at most 11 times as many bytes of UTF-8.
    let mut bare = Zeroizing::new(String::with_capacity(text.len() * 11));
    let seen = text.nfkc().filter(|char| !char.is_whitespace() && !ignorable.contains(*char));
    bare.extend(seen.flat_map(char::to_lowercase));
    bare
}

/// The form in which passwords are compared with the list and with words: NFC, lower case, no space around.
pub fn fold(text: &str) -> Zeroizing<String> {
    // With room for all of it: a text that grows leaves copies of its beginning behind.
    let mut folded = Zeroizing::new(String::with_capacity(text.len() * 3));
    folded.extend(text.trim().nfc().flat_map(char::to_lowercase));
    folded
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::server::{domain::random, system::SystemEntropy};

    const COMMON: &str = include_str!("../../tests/fixtures/common_passwords.txt");
    const ABOUT: &str = include_str!("common_passwords.md");

    #[test]
    fn common_passwords_are_found_in_any_dress() {
        for password in [
            "\u{ff50}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44}",
            "\u{1d40f}\u{1d41a}\u{1d42c}\u{1d42c}\u{1d430}\u{1d428}\u{1d42b}\u{1d41d}",
            "p a s s w o r d",
            "P\u{a0}assword",
            "pass\u{ad}word",
            "pass\u{200b}word\u{2060}",
        ] {
            assert!(is_common(password), "{password:?}");
        }
        assert!(!is_common("violet anchor seldom"));
    }

    #[test]
    fn common_passwords_are_found_in_any_case() {
        let common: HashSet<&str> = COMMON.lines().collect();
        assert!(common.len() >= 1_000, "only {}", common.len());
        for password in common {
            assert!(is_common(password), "{password}");
            assert!(is_common(&password.to_uppercase()), "{password}");
            assert!(is_common(&format!(" {password}")), "{password}");
        }
    }

    #[test]
    fn strong_passwords_are_not_found() {
        let found = (0..100_000).filter(|_| {
            let bytes: [u8; 16] = random(&SystemEntropy);
            is_common(&bytes.map(|byte| char::from(b'!' + byte % 94)).iter().collect::<String>())
        });
        // One in a million is expected: five in a hundred thousand would be once in ten million runs.
        assert!(found.count() < 5);
    }

    #[test]
    fn the_filter_is_the_one_that_is_described() {
        let Shape { bits, hashes, entries } = FILTER.shape;
        assert!(bits / 8 < 2_000_000, "{bits} bits");
        for figure in [format!("{entries} entries"), format!("{hashes} hashes"), format!("{bits} bits")] {
            assert!(ABOUT.contains(&figure), "{figure}");
        }
        let set: u32 = FILTER.bits.iter().map(|byte| byte.count_ones()).sum();
        let false_positives = (f64::from(set) / bits as f64).powi(i32::try_from(hashes).expect("a few"));
        assert!(false_positives < 1.1e-6, "{false_positives}");
    }

    #[test]
    #[should_panic(expected = "another format")]
    fn a_file_of_another_version_is_refused() {
        let shape = Shape { bits: 8, hashes: 1, entries: 1 };
        let mut file = [shape.header(), vec![0]].concat();
        assert!(!BloomFilter::parse(&file).contains("anything"));
        file[7] += 1;
        BloomFilter::parse(&file);
    }

    #[test]
    #[should_panic(expected = "not whole")]
    fn half_a_file_is_refused() {
        BloomFilter::parse(&Shape { bits: 16, hashes: 1, entries: 1 }.header());
    }
}
