//! The stored inputs of a target: one file each.

use std::{fs, path::PathBuf};

/// All inputs of a target, in the order of their names.
pub fn read(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/fuzz/corpora").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "there is nothing in {}", folder.display());
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}
