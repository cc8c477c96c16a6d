//! Counters in the database, shared by all processes. If it fails, this process counts for itself: then guessing
//! is still limited, and people who know their passwords are not kept out.
//!
//! On SQLite nothing waits for the disk: otherwise each guess would hold the one writer for as long as that takes.
//! What is counted survives a restart and a crash of the process; a power cut may lose the last moments of it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::time::timeout;

use super::{subject::Subject, too_many::TooMany};
use crate::server::{
    db::{
        Database, DatabaseError,
        limits::{self, Counter},
    },
    domain::{Clock, Timestamp, error_chain},
};

/// How long an attempt waits for the database.
const TIMEOUT: Duration = Duration::from_secs(2);
/// That the database has failed is logged at most this often: strangers can make any number of attempts.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);
/// Counters in this process, 16 bytes each. Keys that share one by chance are limited together.
const CELLS: usize = 1 << 14;

/// Counts attempts.
#[derive(Debug)]
pub struct Counters {
    db: Database,
    clock: Arc<dyn Clock>,
    cells: Mutex<Vec<Counter>>,
    /// When the last warning was logged, in milliseconds since the Unix epoch.
    warned_at: AtomicI64,
}

/// What an attempt was charged to.
#[derive(Debug)]
pub struct Charge {
    /// Each with its counter after the attempt.
    subjects: Vec<(Subject, Counter)>,
    in_database: bool,
}

impl Counters {
    pub fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock, cells: Mutex::new(vec![Counter::EMPTY; CELLS]), warned_at: AtomicI64::new(0) }
    }

    /// Charges an attempt to all subjects, or to none if one of them has to wait. A refusal writes nothing.
    pub async fn charge(&self, mut subjects: Vec<Subject>) -> Result<Charge, TooMany> {
        subjects.sort_by_key(|subject| subject.key);
        let charged = self.within_timeout(self.charge_in_database(&subjects)).await;
        let in_database = charged.is_some();
        let charged = charged.unwrap_or_else(|| self.charge_in_process(&subjects))?;
        Ok(Charge { subjects: subjects.into_iter().zip(charged).collect(), in_database })
    }

    /// Undoes a charge.
    pub async fn give_back(&self, charge: Charge) {
        self.change(charge, |subject, counter, charged| subject.rule.give_back(counter, charged)).await;
    }

    /// Forgets all attempts of what was charged.
    pub async fn forget(&self, charge: Charge) {
        self.change(charge, |_, _, _| Counter::EMPTY).await;
    }

    /// Removes a batch of counters that say nothing any more; `false` if there are no more of them.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge_batch(&self) -> Result<bool, DatabaseError> {
        limits::purge(&self.db, self.clock.now()).await
    }

    async fn charge_in_database(
        &self,
        subjects: &[Subject],
    ) -> Result<Result<Vec<Counter>, TooMany>, DatabaseError> {
        let now = self.clock.now();
        let mut counters = Vec::with_capacity(subjects.len());
        for subject in subjects {
            counters.push(limits::find(&self.db, &subject.key.text()).await?);
        }
        // Most refusals end here, so a stranger who hammers makes no one wait for the database.
        let decision = decide(subjects, &counters, now);
        if subjects.is_empty() || decision.is_err() {
            return Ok(decision);
        }
        let mut transaction = self.db.begin_unsynced().await?;
        for (subject, counter) in subjects.iter().zip(&mut counters) {
            *counter = limits::lock(&mut transaction, &subject.key.text()).await?;
        }
        let decision = decide(subjects, &counters, now);
        if let Ok(charged) = &decision {
            for (subject, counter) in subjects.iter().zip(charged) {
                limits::save(&mut transaction, &subject.key.text(), *counter).await?;
            }
            transaction.commit().await?;
        }
        Ok(decision)
    }

    fn charge_in_process(&self, subjects: &[Subject]) -> Result<Vec<Counter>, TooMany> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let places: Vec<_> = subjects.iter().map(|subject| subject.key.place(CELLS)).collect();
        let counters: Vec<_> = places.iter().map(|place| cells[*place]).collect();
        let charged = decide(subjects, &counters, self.clock.now())?;
        for (place, counter) in places.into_iter().zip(&charged) {
            cells[place] = *counter;
        }
        Ok(charged)
    }

    async fn change(&self, charge: Charge, change: impl Fn(&Subject, Counter, Counter) -> Counter) {
        if !charge.in_database {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            for (subject, charged) in &charge.subjects {
                let cell = &mut cells[subject.key.place(CELLS)];
                *cell = change(subject, *cell, *charged);
            }
        } else if !charge.subjects.is_empty() {
            // If it fails, the attempt stays counted.
            self.within_timeout(self.change_in_database(&charge, change)).await;
        }
    }

    async fn change_in_database(
        &self,
        charge: &Charge,
        change: impl Fn(&Subject, Counter, Counter) -> Counter,
    ) -> Result<(), DatabaseError> {
        let now = self.clock.now();
        let mut transaction = self.db.begin_unsynced().await?;
        for (subject, charged) in &charge.subjects {
            let key = subject.key.text();
            let changed = change(subject, limits::lock(&mut transaction, &key).await?, *charged);
            if changed.empty_at <= now {
                limits::remove(&mut transaction, &key).await?;
            } else {
                limits::save(&mut transaction, &key, changed).await?;
            }
        }
        transaction.commit().await
    }

    /// `None` if the database fails.
    async fn within_timeout<T>(&self, work: impl Future<Output = Result<T, DatabaseError>>) -> Option<T> {
        let error = match timeout(TIMEOUT, work).await {
            Ok(Ok(done)) => return Some(done),
            Ok(Err(error)) => error,
            Err(_) => DatabaseError::TimedOut,
        };
        if is_warning_due(&self.warned_at, self.clock.now()) {
            tracing::warn!(cause = %error_chain(&error), "attempts are limited by this process alone");
        }
        None
    }
}

/// The counters after an attempt, if none of the subjects has to wait.
fn decide(subjects: &[Subject], counters: &[Counter], now: Timestamp) -> Result<Vec<Counter>, TooMany> {
    let each = || subjects.iter().zip(counters);
    match each().filter_map(|(subject, counter)| subject.rule.wait(*counter, now)).max() {
        Some(retry_after) => Err(TooMany { retry_after }),
        None => Ok(each().map(|(subject, counter)| subject.rule.charge(*counter, now)).collect()),
    }
}

/// At most once in each interval, also after the clock was set back.
fn is_warning_due(warned_at: &AtomicI64, now: Timestamp) -> bool {
    let last = Timestamp::from_millis(warned_at.load(Ordering::Relaxed));
    let is_due = now.since(last).is_none_or(|since| since >= WARNING_INTERVAL);
    if is_due {
        warned_at.store(now.millis(), Ordering::Relaxed);
    }
    is_due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_logged_once_a_minute() {
        let (warned_at, start) = (AtomicI64::new(0), Timestamp::from_millis(1_764_000_000_000));
        let second = Duration::from_secs(1);
        let is_due = |now| is_warning_due(&warned_at, now);
        assert!(is_due(start));
        assert!(!is_due(start) && !is_due(start + 59 * second));
        assert!(is_due(start + 60 * second));
        assert!(!is_due(start + 61 * second));
        assert!(is_due(start - 3600 * second), "the clock was set back");
        assert!(!is_due(start - 3599 * second));
    }
}
