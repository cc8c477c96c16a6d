//! Counters in the database, shared by all processes. If it fails, this process counts for itself: then guessing
//! is still limited, and people who know their passwords are not kept out.
//!
//! On SQLite nothing waits for the disk: otherwise each guess would hold the one writer for as long as that takes.
//! What is counted survives a restart and a crash of the process; a power cut may lose the last moments of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::timeout;

use super::{cells::Cells, subject::Subject, too_many::TooMany};
use crate::server::{
    db::{
        Database, DatabaseError,
        limits::{self, Counter},
    },
    domain::{Clock, Timestamp, WarningThrottle, error_chain},
};

/// How long an attempt waits for the database.
const TIMEOUT: Duration = Duration::from_secs(2);
/// That the database has failed is logged at most this often: strangers can make any number of attempts.
const WARNING_INTERVAL: Duration = Duration::from_mins(1);

/// Counts attempts.
#[derive(Debug)]
pub struct Counters {
    db: Database,
    clock: Arc<dyn Clock>,
    cells: Mutex<Cells>,
    warnings: WarningThrottle,
}

/// What an attempt was charged to.
#[derive(Debug)]
pub struct Charge {
    /// It was charged to all that it was to be charged to.
    pub is_complete: bool,
    /// Each with its counter after the attempt.
    subjects: Vec<(Subject, Counter)>,
    in_database: bool,
}

impl Counters {
    pub fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock, cells: Mutex::default(), warnings: WarningThrottle::new(WARNING_INTERVAL) }
    }

    /// Charges an attempt to all subjects, or to none if one of them has to wait. A refusal writes nothing. Of the
    /// subjects that refuse nothing, those are left out that would have to wait.
    pub async fn charge(&self, mut subjects: Vec<Subject>) -> Result<Charge, TooMany> {
        subjects.sort_by_key(|subject| subject.key);
        let charged = self.within_timeout(self.charge_in_database(&subjects)).await;
        let in_database = charged.is_some();
        let charged = charged.unwrap_or_else(|| self.charge_in_process(&subjects))?;
        let is_complete = charged.iter().all(Option::is_some);
        let charged = subjects.into_iter().zip(charged);
        let subjects = charged.filter_map(|(subject, charged)| Some((subject, charged?))).collect();
        Ok(Charge { is_complete, subjects, in_database })
    }

    /// Undoes a charge.
    pub async fn give_back(&self, charge: Charge) {
        self.change(charge, |subject, counter, charged| subject.rule.give_back(counter, charged)).await;
    }

    /// Undoes a charge, and forgets the wrong attempts that a right one makes forgotten.
    pub async fn succeeded(&self, charge: Charge) {
        let change = |subject: &Subject, counter, charged| {
            let is_forgotten = subject.kind.is_forgotten();
            if is_forgotten { Counter::EMPTY } else { subject.rule.give_back(counter, charged) }
        };
        self.change(charge, change).await;
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
    ) -> Result<Result<Vec<Option<Counter>>, TooMany>, DatabaseError> {
        let now = self.clock.now();
        let mut counters = Vec::with_capacity(subjects.len());
        for subject in subjects {
            counters.push(limits::find(&self.db, &subject.key.text()).await?);
        }
        // Most refusals end here, so a stranger who tries again and again makes no one wait for the database.
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
                if let Some(counter) = counter {
                    limits::save(&mut transaction, &subject.key.text(), *counter).await?;
                }
            }
            transaction.commit().await?;
        }
        Ok(decision)
    }

    fn charge_in_process(&self, subjects: &[Subject]) -> Result<Vec<Option<Counter>>, TooMany> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let counters: Vec<_> = subjects.iter().map(|subject| *cells.of(subject)).collect();
        let charged = decide(subjects, &counters, self.clock.now())?;
        for (subject, counter) in subjects.iter().zip(&charged) {
            if let Some(counter) = counter {
                *cells.of(subject) = *counter;
            }
        }
        Ok(charged)
    }

    async fn change(&self, mut charge: Charge, change: impl Fn(&Subject, Counter, Counter) -> Counter) {
        charge.subjects.retain(|(subject, _)| subject.kind.is_refused());
        if !charge.in_database {
            let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            for (subject, charged) in &charge.subjects {
                let cell = cells.of(subject);
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
        if self.warnings.is_due(self.clock.now()) {
            tracing::warn!(cause = %error_chain(&error), "attempts are limited by this process alone");
        }
        None
    }
}

/// The counters after an attempt, if it is not refused; `None` for a subject that has to wait, but refuses nothing.
fn decide(
    subjects: &[Subject],
    counters: &[Counter],
    now: Timestamp,
) -> Result<Vec<Option<Counter>>, TooMany> {
    let each = || {
        let pairs = subjects.iter().zip(counters);
        pairs.map(|(subject, counter)| (subject, *counter, subject.rule.wait(*counter, now)))
    };
    let refused = each().filter(|(subject, ..)| subject.kind.is_refused());
    if let Some(retry_after) = refused.filter_map(|(.., wait)| wait).max() {
        return Err(TooMany { retry_after });
    }
    let charged = |(subject, counter, wait): (&Subject, _, Option<Duration>)| {
        wait.is_none().then(|| subject.rule.charge(counter, now))
    };
    Ok(each().map(charged).collect())
}
