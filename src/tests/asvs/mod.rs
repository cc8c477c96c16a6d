//! The tables of ASVS requirements (`asvs.md`) and of faults in the field (`field.md`) are complete, and what they
//! name exists.

mod promises;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const TABLE: &str = include_str!("../asvs.md");
const FIELD: &str = include_str!("../field.md");
/// Kinds of faults in the table of those that people meet in the field.
const FIELD_FAULTS: usize = 37;

/// The requirements of levels 1 and 2 of the chapters V6 and V7, with their levels.
const REQUIREMENTS: &[(&str, &[(&str, u8)])] = &[
    ("6.1", &[("1", 1), ("2", 2), ("3", 2)]),
    (
        "6.2",
        &[
            ("1", 1),
            ("2", 1),
            ("3", 1),
            ("4", 1),
            ("5", 1),
            ("6", 1),
            ("7", 1),
            ("8", 1),
            ("9", 2),
            ("10", 2),
            ("11", 2),
            ("12", 2),
        ],
    ),
    ("6.3", &[("1", 1), ("2", 1), ("3", 2), ("4", 2)]),
    ("6.4", &[("1", 1), ("2", 1), ("3", 2), ("4", 2)]),
    ("6.5", &[("1", 2), ("2", 2), ("3", 2), ("4", 2), ("5", 2)]),
    ("6.6", &[("1", 2), ("2", 2), ("3", 2)]),
    ("6.8", &[("1", 2), ("2", 2), ("3", 2), ("4", 2)]),
    ("7.1", &[("1", 2), ("2", 2), ("3", 2)]),
    ("7.2", &[("1", 1), ("2", 1), ("3", 1), ("4", 1)]),
    ("7.3", &[("1", 2), ("2", 2)]),
    ("7.4", &[("1", 1), ("2", 1), ("3", 2), ("4", 2), ("5", 2)]),
    ("7.5", &[("1", 2), ("2", 2)]),
    ("7.6", &[("1", 2), ("2", 2)]),
];

/// A row of the table.
struct Row {
    number: String,
    level: String,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| line.starts_with("| 6.") || line.starts_with("| 7."));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [number, level, summary, shown_by] = cells[..] else { panic!("four cells in {line}") };
            assert!(!summary.is_empty() && !shown_by.is_empty(), "{line}");
            Row { number: number.to_owned(), level: level.to_owned() }
        })
        .collect()
}

#[test]
fn no_requirement_is_missing() {
    let numbered = |(section, numbers): &(&str, &[(&str, u8)])| -> Vec<(String, String)> {
        numbers.iter().map(|(number, level)| (format!("{section}.{number}"), level.to_string())).collect()
    };
    let required: Vec<_> = REQUIREMENTS.iter().flat_map(numbered).collect();
    let listed: Vec<_> = rows().into_iter().map(|row| (row.number, row.level)).collect();
    assert_eq!(listed, required);
}

#[test]
fn every_test_that_is_named_exists() {
    let mut files = BTreeMap::new();
    let mut count = 0;
    for line in TABLE.lines().chain(FIELD.lines()).filter(|line| line.starts_with("| ")) {
        for (file, test) in named_tests(line) {
            let source = files.entry(file.to_owned()).or_insert_with(|| read(file));
            assert!(has_test(source, file, test), "there is no test {test:?} in {file}, as in {line}");
            count += 1;
        }
    }
    assert!(count > 100, "only {count} tests are named");
}

#[test]
fn every_kind_of_fault_has_a_test() {
    let mut faults = FIELD.lines().filter(|line| line.starts_with("| ")).skip(1);
    for number in 1..=FIELD_FAULTS {
        let line = faults.next().unwrap_or_default();
        assert!(line.starts_with(&format!("| {number} |")), "fault {number}: {line}");
        assert!(named_tests(line).next().is_some(), "{line}");
    }
    assert_eq!(faults.next(), None);
}

/// Files and names of the tests in a row: every second part of it is between backticks.
fn named_tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"))
}

fn read(file: &str) -> String {
    let folder = if is_browser_test(file) { "end2end/tests" } else { "src" };
    let path: PathBuf =
        [Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(folder), Path::new(file)].iter().collect();
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_browser_test(file: &str) -> bool {
    file.ends_with(".spec.ts")
}

fn has_test(source: &str, file: &str, test: &str) -> bool {
    if is_browser_test(file) {
        return source.contains(&format!("test('{test}'"));
    }
    let function = format!("fn {test}(");
    let on_every = ["store", "database"].map(|what| format!("for_every_{what}!({test});"));
    on_every.iter().any(|macro_call| source.contains(macro_call))
        || source.split("#[").any(|item| {
            let is_test = item.starts_with("test]") || item.starts_with("tokio::test");
            is_test && item.contains(&function)
        })
}
