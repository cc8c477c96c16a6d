//! Feeds a target.

use std::{
    collections::HashSet,
    env, fs,
    hash::{BuildHasher, RandomState},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng};

use super::{corpus, mutator::mutate};

/// How long `make fuzz` stays with a target; `FUZZ_SECONDS` says otherwise.
const SECONDS: u64 = 60;
/// Inputs to mutate, at most.
const MAX_INPUTS: usize = 4096;

/// The corpus of a target, and mutations of it that are the same every time.
pub fn mutate_some(name: &str, mutations: usize, mut target: impl FnMut(&[u8]) -> String) {
    let inputs = corpus::read(name);
    inputs.iter().for_each(|input| drop(feed(name, input, &mut target)));
    let mut random = StdRng::seed_from_u64(1);
    for _ in 0..mutations {
        feed(name, &mutate(&inputs, &mut random), &mut target);
    }
}

/// Mutates for a minute. An input that had an effect of a new kind is mutated further. `FUZZ_SEED` repeats the
/// choices of an earlier run.
pub fn mutate_for_long(name: &str, mut target: impl FnMut(&[u8]) -> String) {
    let setting = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let duration = Duration::from_secs(setting("FUZZ_SECONDS").unwrap_or(SECONDS));
    let seed = setting("FUZZ_SEED").unwrap_or_else(|| RandomState::new().hash_one(name));
    println!("{name}: for {duration:?}, with FUZZ_SEED={seed}");
    let mut inputs = corpus::read(name);
    let mut effects: HashSet<String> = inputs.iter().map(|input| feed(name, input, &mut target)).collect();
    let mut random = StdRng::seed_from_u64(seed);
    let (began, mut count) = (Instant::now(), 0_u64);
    while began.elapsed() < duration {
        let input = mutate(&inputs, &mut random);
        count += 1;
        if effects.insert(feed(name, &input, &mut target)) && inputs.len() < MAX_INPUTS {
            inputs.push(input);
        }
    }
    println!("{name}: {count} inputs, {} kinds of effects", effects.len());
}

/// Returns the effect that the target has described.
fn feed(name: &str, input: &[u8], target: &mut impl FnMut(&[u8]) -> String) -> String {
    let _finding = Finding { name, input };
    target(input)
}

/// Keeps the input if the target panics.
struct Finding<'a> {
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Finding<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("found_by_{}", self.name));
            println!(
                "{} failed on \"{}\", which is in {}",
                self.name,
                self.input.escape_ascii(),
                file.display()
            );
            if let Err(error) = fs::write(&file, self.input) {
                println!("{}: {error}", file.display());
            }
        }
    }
}
