//! What is disturbed when, and which failures that excuses.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::answer::Failure;

/// How long after a disturbance failures are still excused.
pub const RECOVERY: Duration = Duration::from_secs(5);
/// How long after a disturbance a change that was not acknowledged may still happen.
const SETTLING: Duration = Duration::from_secs(1);

/// What a disturbance does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nothing,
    /// One of the two servers is away.
    Server,
    /// PostgreSQL or Valkey does not answer.
    Store,
    /// The same, and all sessions are gone.
    EmptyStore,
}

/// From one disturbance to the next.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    pub name: &'static str,
    pub kind: Kind,
    pub began: Instant,
    /// When its disturbance was over.
    pub over: Option<Instant>,
}

#[derive(Debug)]
pub struct Timeline {
    phases: Mutex<Vec<Phase>>,
}

impl Phase {
    fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, began: Instant::now(), over: None }
    }

    /// Whether it excuses a failure at a time between these two.
    fn excuses(&self, failure: &Failure, began: Instant, ended: Instant) -> bool {
        let fits = match failure {
            Failure::Unavailable => self.kind != Kind::Nothing,
            Failure::BadGateway | Failure::Broken => self.kind == Kind::Server,
            Failure::Wrong(_) => false,
        };
        fits && ended >= self.began && self.over.is_none_or(|over| began <= over + RECOVERY)
    }

    fn is_settled(&self, at: Instant) -> bool {
        self.kind == Kind::Nothing || self.over.is_some_and(|over| at > over + SETTLING)
    }
}

impl Timeline {
    pub fn new() -> Self {
        Self { phases: Mutex::new(vec![Phase::new("registration", Kind::Nothing)]) }
    }

    /// Everyone has registered.
    pub fn start(&self) {
        *self.phases() = vec![Phase::new("undisturbed", Kind::Nothing)];
    }

    pub fn disturb(&self, name: &'static str, kind: Kind) {
        self.phases().push(Phase::new(name, kind));
    }

    pub fn disturbance_is_over(&self) {
        if let Some(phase) = self.phases().last_mut() {
            phase.over = Some(Instant::now());
        }
    }

    /// The phases until now.
    pub fn snapshot(&self) -> Vec<Phase> {
        self.phases().clone()
    }

    /// The number of the phase at this time.
    pub fn phase_at(&self, at: Instant) -> usize {
        self.phases().iter().rposition(|phase| phase.began <= at).unwrap_or(0)
    }

    pub fn excuses(&self, failure: &Failure, began: Instant, ended: Instant) -> bool {
        self.phases().iter().any(|phase| phase.excuses(failure, began, ended))
    }

    /// Nothing is disturbed, and nothing can still happen that was tried before.
    pub fn is_settled(&self, at: Instant) -> bool {
        self.phases().iter().all(|phase| phase.is_settled(at))
    }

    /// Whether Valkey may have lost a session that began at this time.
    pub fn may_have_lost(&self, since: Instant) -> bool {
        let emptied =
            |phase: &Phase| phase.kind == Kind::EmptyStore && phase.over.is_none_or(|over| since <= over);
        self.phases().iter().any(emptied)
    }

    /// Seconds since the start, for people.
    pub fn clock(&self, at: Instant) -> String {
        let start = self.phases().first().map_or(at, |phase| phase.began);
        format!("{:6.2} s", at.saturating_duration_since(start).as_secs_f64())
    }

    /// Says what happens.
    pub fn say(&self, text: &str) {
        println!("{}  {text}", self.clock(Instant::now()));
    }

    fn phases(&self) -> MutexGuard<'_, Vec<Phase>> {
        self.phases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
