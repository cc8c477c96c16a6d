//! How requests went, by phase.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    answer::{Answer, Failure},
    timeline::Timeline,
};

const LEGEND: &str = "Latencies in milliseconds, also how late a timer of this machine was at most (lag). \
    Recovery is the last failure after the end of a disturbance, in seconds.";

#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub requests: u64,
    pub ok: u64,
    pub unavailable: u64,
    pub bad_gateway: u64,
    pub broken: u64,
    pub wrong: u64,
    pub signed_out: u64,
    latencies: Vec<Duration>,
    last_failure: Option<Instant>,
    max_lag: Duration,
}

/// The counts of each phase.
#[derive(Debug, Default)]
pub struct Statistics(Mutex<Vec<Counts>>);

impl Statistics {
    pub fn count(&self, phase: usize, answer: &Answer, latency: Duration) {
        let mut phases = self.lock(phase);
        let counts = &mut phases[phase];
        counts.requests += 1;
        counts.latencies.push(latency);
        *match answer {
            Answer::SignedIn(_) | Answer::Public | Answer::Accepted | Answer::Rejected => &mut counts.ok,
            Answer::SignedOut => &mut counts.signed_out,
            Answer::Failed(Failure::Unavailable) => &mut counts.unavailable,
            Answer::Failed(Failure::BadGateway) => &mut counts.bad_gateway,
            Answer::Failed(Failure::Broken) => &mut counts.broken,
            Answer::Failed(Failure::Wrong(_)) => &mut counts.wrong,
        } += 1;
    }

    /// Something has failed, be it a request that is counted or not.
    pub fn failed(&self, phase: usize, at: Instant) {
        let last = &mut self.lock(phase)[phase].last_failure;
        *last = (*last).max(Some(at));
    }

    /// A timer was late by this much.
    pub fn lagged(&self, phase: usize, lag: Duration) {
        let max = &mut self.lock(phase)[phase].max_lag;
        *max = (*max).max(lag);
    }

    /// The most that a timer was late.
    pub fn max_lag(&self) -> Duration {
        self.lock(0).iter().map(|counts| counts.max_lag).max().unwrap_or_default()
    }

    /// The sum of all phases.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for counts in self.lock(0).iter() {
            total.requests += counts.requests;
            total.ok += counts.ok;
            total.unavailable += counts.unavailable;
            total.bad_gateway += counts.bad_gateway;
            total.broken += counts.broken;
            total.wrong += counts.wrong;
            total.signed_out += counts.signed_out;
        }
        total
    }

    /// Prints the table, of what was until `end`.
    pub fn print(&self, timeline: &Timeline, end: Instant) {
        let phases = timeline.snapshot();
        let ends = phases.iter().skip(1).map(|phase| phase.began).chain([end]);
        println!("\n{LEGEND}\n");
        println!(
            "{:<34}{:>7}{:>9}{:>8}{:>6}{:>9}{:>7}{:>7}{:>11}{:>8}{:>8}{:>9}{:>7}{:>10}",
            "",
            "seconds",
            "requests",
            "ok",
            "503",
            "502/504",
            "broken",
            "wrong",
            "signed out",
            "median",
            "p99",
            "slowest",
            "lag",
            "recovery"
        );
        for (number, (phase, end)) in phases.iter().zip(ends).enumerate() {
            let counts = self.lock(number)[number].clone();
            let recovery = phase.over.map(|over| counts.recovery(over));
            let recovery = recovery.map_or("-".to_owned(), |time| format!("{:.2}", time.as_secs_f64()));
            let seconds = end.duration_since(phase.began).as_secs_f64();
            println!("{:<34}{seconds:>7.1}{}{recovery:>10}", phase.name, counts.columns());
        }
    }

    fn lock(&self, phase: usize) -> MutexGuard<'_, Vec<Counts>> {
        let mut phases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = phases.len().max(phase + 1);
        phases.resize_with(length, Counts::default);
        phases
    }
}

impl Counts {
    /// How long after the disturbance the last request failed.
    fn recovery(&self, over: Instant) -> Duration {
        self.last_failure.map_or(Duration::ZERO, |last| last.saturating_duration_since(over))
    }

    fn columns(mut self) -> String {
        self.latencies.sort_unstable();
        // The nearest rank below.
        let at = |percent: usize| {
            let latency = self.latencies.get(self.latencies.len().saturating_sub(1) * percent / 100);
            latency.map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
        };
        format!(
            "{:>9}{:>8}{:>6}{:>9}{:>7}{:>7}{:>11}{:>8.1}{:>8.1}{:>9.1}{:>7.0}",
            self.requests,
            self.ok,
            self.unavailable,
            self.bad_gateway,
            self.broken,
            self.wrong,
            self.signed_out,
            at(50),
            at(99),
            at(100),
            self.max_lag.as_secs_f64() * 1e3,
        )
    }
}
