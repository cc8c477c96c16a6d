//! What must not have happened, with its evidence.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many are printed as they happen, of each rule; of further ones only the number.
const PRINTED: usize = 5;

/// A sentence that must be true in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule(pub &'static str);

/// The rules that several scenarios share. One that only one of them has is in its own file.
impl Rule {
    pub const WRITES: Self = Self("No acknowledged change is lost");
    pub const ENDINGS: Self = Self("An ended session is never accepted");
    pub const ERRORS: Self = Self("Errors are excused by a disturbance, and are 503 or a broken connection");
    pub const RECOVERY: Self = Self("Everything works again 5 s after a disturbance");
    pub const SESSIONS: Self =
        Self("No one is signed out but by themselves, or by a Valkey that lost its data");
    pub const PROCESSES: Self = Self("No server panics, fails or hangs");
}

#[derive(Debug, Default)]
pub struct Violations(Mutex<Vec<Rule>>);

impl Violations {
    pub fn add(&self, rule: Rule, evidence: &str) {
        self.lock().push(rule);
        if self.count(rule) <= PRINTED {
            println!("VIOLATION  {}: {evidence}", rule.0);
        }
    }

    pub fn count(&self, rule: Rule) -> usize {
        self.lock().iter().filter(|other| **other == rule).count()
    }

    pub fn total(&self) -> usize {
        self.lock().len()
    }

    pub fn are_none(&self) -> bool {
        self.lock().is_empty()
    }

    /// Prints which of these rules hold, and any other that was violated.
    pub fn print(&self, rules: &[Rule]) {
        let others: Vec<_> = self.lock().iter().filter(|rule| !rules.contains(rule)).copied().collect();
        let mut printed = rules.to_vec();
        printed.extend(others);
        printed.dedup();
        println!();
        for rule in printed {
            let count = self.count(rule);
            let verdict = if count == 0 { "holds".to_owned() } else { format!("VIOLATED {count} times") };
            println!("{:<76} {verdict}", rule.0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
