//! A line every few seconds; and whether the machine keeps up.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const INTERVAL: Duration = Duration::from_secs(5);
/// How often it is measured how late a timer is.
const TICK: Duration = Duration::from_millis(20);

/// The time since a scenario has begun.
#[derive(Clone, Copy, Debug)]
pub struct Progress(Instant);

impl Progress {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Says what happens.
    pub fn say(&self, text: &str) {
        println!("{}  {text}", self.clock(Instant::now()));
    }

    /// Seconds since the start, for people.
    pub fn clock(&self, at: Instant) -> String {
        format!("{:6.2} s", at.saturating_duration_since(self.0).as_secs_f64())
    }

    /// Says how it goes again and again, until `stop`.
    pub async fn report(&self, stop: &CancellationToken, text: impl Fn() -> String) {
        while stop.run_until_cancelled(sleep(INTERVAL)).await.is_some() {
            self.say(&text());
        }
    }
}

/// Measures until `stop`: on a machine that is too busy, timers are late, as everything else is.
pub async fn measure_lag(stop: &CancellationToken, lagged: impl Fn(Instant, Duration)) {
    while !stop.is_cancelled() {
        let began = Instant::now();
        sleep(TICK).await;
        lagged(began, began.elapsed().saturating_sub(TICK));
    }
}
