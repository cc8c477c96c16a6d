//! What is disturbed when, and which failures that excuses.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{answer::Failure, progress::Progress, statistics::Row};

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
    /// The database can be read, but not written.
    Writer,
    /// The only server is killed, and started again.
    Kill,
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
    progress: Progress,
}

impl Phase {
    fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, began: Instant::now(), over: None }
    }

    /// Whether it excuses this failure of a request that only reads, or not.
    fn excuses(&self, failure: &Failure, only_reads: bool, began: Instant, ended: Instant) -> bool {
        let fits = match failure {
            Failure::Unavailable => match self.kind {
                Kind::Server | Kind::Store | Kind::EmptyStore => true,
                Kind::Writer => !only_reads,
                Kind::Nothing | Kind::Kill => false,
            },
            Failure::BadGateway | Failure::Broken => matches!(self.kind, Kind::Server | Kind::Kill),
            Failure::Limited | Failure::Wrong(_) => false,
        };
        // A server that answers again has nothing left of the time before it was killed.
        let recovery = if self.kind == Kind::Kill { Duration::ZERO } else { RECOVERY };
        fits && ended >= self.began && self.over.is_none_or(|over| began <= over + recovery)
    }

    fn is_settled(&self, at: Instant) -> bool {
        let settling = if self.kind == Kind::Kill { Duration::ZERO } else { SETTLING };
        self.kind == Kind::Nothing || self.over.is_some_and(|over| at > over + settling)
    }
}

impl Timeline {
    pub fn new(progress: Progress) -> Self {
        Self { phases: Mutex::new(vec![Phase::new("registration", Kind::Nothing)]), progress }
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

    /// The phases until `end`, those of a name together.
    pub fn rows(&self, end: Instant) -> Vec<Row> {
        let phases = self.phases();
        let ends = phases.iter().skip(1).map(|phase| phase.began).chain([end]);
        let mut rows: Vec<Row> = Vec::new();
        for (phase, end) in phases.iter().zip(ends) {
            let time = end.saturating_duration_since(phase.began);
            match rows.iter_mut().find(|row| row.name == phase.name) {
                Some(row) => row.time += time,
                None => rows.push(Row { name: phase.name, time, is_disturbed: phase.over.is_some() }),
            }
        }
        rows
    }

    /// The name of the phase at this time, and how long its disturbance was over.
    pub fn phase_at(&self, at: Instant) -> (&'static str, Duration) {
        let phases = self.phases();
        let phase = phases.iter().rfind(|phase| phase.began <= at);
        phase.map_or(("", Duration::ZERO), |phase| {
            (phase.name, phase.over.map_or(Duration::ZERO, |over| at.saturating_duration_since(over)))
        })
    }

    pub fn excuses(&self, failure: &Failure, only_reads: bool, began: Instant, ended: Instant) -> bool {
        self.phases().iter().any(|phase| phase.excuses(failure, only_reads, began, ended))
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
        self.progress.clock(at)
    }

    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Says what happens.
    pub fn say(&self, text: &str) {
        self.progress.say(text);
    }

    fn phases(&self) -> MutexGuard<'_, Vec<Phase>> {
        self.phases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
