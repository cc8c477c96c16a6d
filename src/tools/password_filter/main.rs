//! Builds the filter of common passwords from lists of them, one password a line: `make password-filter`.
//!
//! Arguments: the folder to write to, then the lists. The same lists give the same bytes.

use std::{collections::BTreeSet, env, error::Error, f64::consts::LN_2, fs, path::Path};

use vestibule::server::credentials::{MIN_PASSWORD_LENGTH, Shape, fold};

/// Of this many passwords that are not on the list, one is refused as if it were.
const RARITY: f64 = 1e6;
/// Every so many entries, one goes into the fixture of the tests.
const FIXTURE_STEP: usize = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [source, lists @ ..] = arguments.as_slice() else {
        return Err("name the folder and the lists".into());
    };
    let mut entries = BTreeSet::new();
    for list in lists {
        let list = fs::read_to_string(list)?;
        // Shorter ones are refused anyway.
        let long = list.lines().map(|line| fold(line).to_string());
        entries.extend(long.filter(|entry| entry.chars().count() >= usize::from(MIN_PASSWORD_LENGTH)));
    }
    let shape = shape(entries.len());
    let mut bits = vec![0_u8; usize::try_from(shape.bits / 8)?];
    for position in entries.iter().flat_map(|entry| shape.positions(entry)) {
        bits[usize::try_from(position / 8)?] |= 1 << (position % 8);
    }
    let source = Path::new(source);
    fs::write(source.join("server/credentials/common_passwords.bloom"), [shape.header(), bits].concat())?;
    let fixture: Vec<&str> = entries.iter().step_by(FIXTURE_STEP).map(String::as_str).collect();
    fs::write(source.join("tests/fixtures/common_passwords.txt"), fixture.join("\n") + "\n")?;
    let Shape { bits, hashes, entries } = shape;
    println!("{entries} entries, {hashes} hashes, {bits} bits; {} in the fixture", fixture.len());
    Ok(())
}

/// The smallest that is as rarely wrong.
fn shape(entries: usize) -> Shape {
    let bits = (entries as f64 * RARITY.ln() / LN_2.powi(2)).ceil() as u64;
    Shape { bits: bits.next_multiple_of(8), hashes: RARITY.log2().round() as u64, entries: entries as u64 }
}
