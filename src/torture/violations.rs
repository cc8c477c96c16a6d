//! What must not have happened, with its evidence.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many are printed as they happen, of each rule; of further ones only the number.
const PRINTED: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Writes,
    Endings,
    Errors,
    Recovery,
    Sessions,
    Processes,
}

impl Rule {
    pub const ALL: [Self; 6] =
        [Self::Writes, Self::Endings, Self::Errors, Self::Recovery, Self::Sessions, Self::Processes];

    pub fn text(self) -> &'static str {
        match self {
            Self::Writes => "No acknowledged change is lost",
            Self::Endings => "An ended session is never accepted",
            Self::Errors => "Errors are excused by a disturbance, and are 503 or a broken connection",
            Self::Recovery => "Everything works again 5 s after a disturbance",
            Self::Sessions => "No one is signed out but by themselves, or by a Valkey that lost its data",
            Self::Processes => "No server panics, fails or hangs",
        }
    }
}

#[derive(Debug, Default)]
pub struct Violations(Mutex<Vec<Rule>>);

impl Violations {
    pub fn add(&self, rule: Rule, evidence: &str) {
        self.lock().push(rule);
        if self.count(rule) <= PRINTED {
            println!("VIOLATION  {}: {evidence}", rule.text());
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

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
