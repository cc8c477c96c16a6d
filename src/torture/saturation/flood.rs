//! Strangers who try to sign in from many addresses, more often than passwords can be hashed; and someone with an
//! account who signs in meanwhile, on a device that has been signed in before.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};

use super::load::{Load, PASSWORD, address};
use crate::{
    answer::{Answer, Failure as Refusal},
    violations::Rule,
    visitor::Visitor,
};

pub const REFUSED: Rule = Rule("A stranger's sign-in is judged, or refused with 429 or 503");
pub const KNOWN_DEVICE: Rule = Rule("Who comes with a known device can sign in within 10 s meanwhile");

/// Connections of strangers.
const STRANGERS: u32 = 300;
/// Strangers at a time, to see how many passwords are hashed per second.
const MEASURING: u32 = 12;
pub const MEASURED: Duration = Duration::from_secs(4);
/// The address of someone who has an account, which strangers try, too: a fourth of them.
pub const KNOWN: &str = "known@example.org";
/// Between two sign-ins of theirs.
const PAUSE: Duration = Duration::from_secs(2);
/// Until they try again.
const BACKOFF: Duration = Duration::from_millis(250);
const MAX_WAIT: Duration = Duration::from_secs(10);

/// How many sign-ins per second are judged, if not too many come at a time.
pub async fn capacity(load: &Arc<Load>, row: &'static str) -> f64 {
    let (begin, next) = (Instant::now(), Arc::new(AtomicU32::new(0)));
    let mut strangers = JoinSet::new();
    for _ in 0..MEASURING {
        let stranger = Stranger { load: load.clone(), next: next.clone(), row };
        strangers.spawn(stranger.try_again_and_again(begin, begin + MEASURED, Duration::ZERO));
    }
    strangers.join_all().await;
    load.statistics.row(row).ok as f64 / begin.elapsed().as_secs_f64()
}

/// So many sign-ins per second until `end`.
pub async fn flood(load: &Arc<Load>, row: &'static str, rate: f64, time: Duration) {
    let (begin, next) = (Instant::now(), Arc::new(AtomicU32::new(1_000_000)));
    let pause = Duration::from_secs_f64(f64::from(STRANGERS) / rate);
    let mut strangers = JoinSet::new();
    for number in 0..STRANGERS {
        let stranger = Stranger { load: load.clone(), next: next.clone(), row };
        let first = begin + pause * number / STRANGERS;
        strangers.spawn(stranger.try_again_and_again(first, begin + time, pause));
    }
    strangers.join_all().await;
}

struct Stranger {
    load: Arc<Load>,
    /// The number of the next attempt of anyone, which has an address of its own.
    next: Arc<AtomicU32>,
    row: &'static str,
}

impl Stranger {
    async fn try_again_and_again(self, first: Instant, end: Instant, pause: Duration) {
        let mut visitor = Visitor::new(self.load.target, address(0, 0));
        let mut due = first;
        while due < end {
            sleep_until(due.into()).await;
            self.try_once(&mut visitor).await;
            due = (due + pause).max(Instant::now());
        }
    }

    async fn try_once(&self, visitor: &mut Visitor) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        visitor.address = address(3, number);
        let unknown = format!("stranger{number}@example.org");
        let email = if number.is_multiple_of(4) { KNOWN } else { &unknown };
        let fields = [("email", email), ("password", "not the password at all")];
        let exchange = visitor.post("/api/sign_in", &fields).await;
        let answer = Answer::to_form(&exchange, "/");
        self.load.statistics.count(self.row, &answer, exchange.latency());
        let is_fine = matches!(
            answer,
            Answer::Rejected | Answer::Failed(Refusal::Limited) | Answer::Failed(Refusal::Unavailable)
        );
        if !is_fine {
            self.load.run.violations.add(REFUSED, &exchange.describe());
        }
    }
}

/// Signs out and in again until `end`. Returns how long each sign-in took, with all its attempts.
pub async fn sign_in_meanwhile(
    load: Arc<Load>,
    mut visitor: Visitor,
    row: &'static str,
    end: Instant,
) -> Vec<Duration> {
    let mut waits = Vec::new();
    while Instant::now() < end {
        let exchange = visitor.post("/api/sign_out", &[]).await;
        load.judge(&exchange, &Answer::to_form(&exchange, "/login"));
        let began = Instant::now();
        let is_in = sign_in(&load, &mut visitor, KNOWN, row, began + MAX_WAIT).await;
        waits.push(began.elapsed());
        if !is_in {
            let evidence = format!("not signed in after {:.1} s", began.elapsed().as_secs_f64());
            load.run.violations.add(KNOWN_DEVICE, &evidence);
        }
        sleep(PAUSE).await;
    }
    waits.sort_unstable();
    waits
}

/// Tries until it works. False if it does not in time.
pub async fn sign_in(
    load: &Load,
    visitor: &mut Visitor,
    email: &str,
    row: &'static str,
    deadline: Instant,
) -> bool {
    let fields = [("email", email), ("password", PASSWORD)];
    while Instant::now() < deadline {
        let exchange = visitor.post("/api/sign_in", &fields).await;
        let answer = Answer::to_form(&exchange, "/");
        load.statistics.count(row, &answer, exchange.latency());
        if answer == Answer::Accepted {
            return true;
        }
        sleep(BACKOFF).await;
    }
    false
}
