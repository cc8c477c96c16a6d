//! How requests went, row by row: the phases of a scenario, or kinds of requests.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::answer::{Answer, Failure};

const LEGEND: &str = "Latencies in milliseconds, also how late a timer of this machine was at most (lag). \
    Recovery is the last failure after the end of a disturbance, in seconds.";
/// A timer that is later than this belongs to a machine that has too much to do.
const MAX_LAG: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub requests: u64,
    pub ok: u64,
    pub limited: u64,
    pub unavailable: u64,
    pub bad_gateway: u64,
    pub broken: u64,
    pub wrong: u64,
    pub signed_out: u64,
    latencies: Vec<Duration>,
    recovery: Duration,
    max_lag: Duration,
}

/// A row to print.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    pub time: Duration,
    /// It has a disturbance to recover from.
    pub is_disturbed: bool,
}

#[derive(Debug, Default)]
pub struct Statistics(Mutex<Vec<(&'static str, Counts)>>);

impl Statistics {
    pub fn count(&self, row: &'static str, answer: &Answer, latency: Duration) {
        self.change(row, |counts| {
            counts.requests += 1;
            counts.latencies.push(latency);
            *match answer {
                Answer::SignedIn(_) | Answer::Public | Answer::Accepted | Answer::Rejected => &mut counts.ok,
                Answer::SignedOut => &mut counts.signed_out,
                Answer::Failed(Failure::Limited) => &mut counts.limited,
                Answer::Failed(Failure::Unavailable) => &mut counts.unavailable,
                Answer::Failed(Failure::BadGateway) => &mut counts.bad_gateway,
                Answer::Failed(Failure::Broken) => &mut counts.broken,
                Answer::Failed(Failure::Wrong(_)) => &mut counts.wrong,
            } += 1;
        });
    }

    /// Something has failed this long after a disturbance, be it a request that is counted or not.
    pub fn failed(&self, row: &'static str, after: Duration) {
        self.change(row, |counts| counts.recovery = counts.recovery.max(after));
    }

    /// A timer was late by this much.
    pub fn lagged(&self, row: &'static str, lag: Duration) {
        self.change(row, |counts| counts.max_lag = counts.max_lag.max(lag));
    }

    /// What is counted in a row.
    pub fn row(&self, row: &str) -> Counts {
        let found = self.lock().iter().find(|(name, _)| *name == row).map(|(_, counts)| counts.clone());
        found.unwrap_or_default()
    }

    /// The sum of all rows, without latencies.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (_, counts) in self.lock().iter() {
            total.requests += counts.requests;
            total.ok += counts.ok;
            total.limited += counts.limited;
            total.unavailable += counts.unavailable;
            total.bad_gateway += counts.bad_gateway;
            total.broken += counts.broken;
            total.wrong += counts.wrong;
            total.signed_out += counts.signed_out;
        }
        total
    }

    /// Prints the table.
    pub fn print(&self, rows: &[Row]) {
        println!("\n{LEGEND}\n");
        println!(
            "{:<34}{:>7}{:>9}{:>8}{:>7}{:>7}{:>9}{:>7}{:>7}{:>11}{:>8}{:>8}{:>9}{:>7}{:>10}",
            "",
            "seconds",
            "requests",
            "ok",
            "429",
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
        for Row { name, time, is_disturbed } in rows {
            let counts = self.row(name);
            let recovery =
                if *is_disturbed { format!("{:.2}", counts.recovery.as_secs_f64()) } else { "-".to_owned() };
            println!("{name:<34}{:>7.1}{}{recovery:>10}", time.as_secs_f64(), counts.columns());
        }
        if self.lock().iter().any(|(_, counts)| counts.max_lag > MAX_LAG) {
            println!("\nThis machine was too busy: what is said of times, and of 503, counts for little.");
        }
    }

    fn change(&self, row: &'static str, change: impl FnOnce(&mut Counts)) {
        let mut rows = self.lock();
        let position = rows.iter().position(|(name, _)| *name == row).unwrap_or_else(|| {
            rows.push((row, Counts::default()));
            rows.len() - 1
        });
        change(&mut rows[position].1);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(&'static str, Counts)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// The latency that this share of the requests, in per cent, did not exceed: the nearest rank below.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut latencies = self.latencies.clone();
        latencies.sort_unstable();
        latencies.get(latencies.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
    }

    fn columns(&self) -> String {
        let millis = |percent| self.percentile(percent).as_secs_f64() * 1e3;
        format!(
            "{:>9}{:>8}{:>7}{:>7}{:>9}{:>7}{:>7}{:>11}{:>8.1}{:>8.1}{:>9.1}{:>7.0}",
            self.requests,
            self.ok,
            self.limited,
            self.unavailable,
            self.bad_gateway,
            self.broken,
            self.wrong,
            self.signed_out,
            millis(50),
            millis(99),
            millis(100),
            self.max_lag.as_secs_f64() * 1e3,
        )
    }
}
