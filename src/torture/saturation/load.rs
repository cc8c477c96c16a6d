//! People who look at pages on 500 connections, as fast as it goes or at a pace.

use std::{
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{task::JoinSet, time::sleep_until};

use crate::{
    Failure,
    answer::{Answer, Failure as Refusal},
    client::{Exchange, Target},
    people::PAGES,
    scenario::Run,
    statistics::Statistics,
    violations::Rule,
    visitor::Visitor,
};

pub const CLIENTS: u32 = 500;
/// So many have an account, and are signed in on several connections.
const ACCOUNTS: u32 = 50;
/// Of how many requests one is a change.
const CHANGES: u32 = 50;
/// Someone who has an account, as everyone, and is not known to strangers.
pub const PERSON: &str = "person0@example.org";
pub const PASSWORD: &str = "violet anchor seldom";

pub const SERVED: Rule = Rule("Pages are served: no 5xx, no broken connection, no one is signed out");

/// Where the requests of people are counted.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    pub pages: &'static str,
    /// They wait for the disk.
    pub changes: &'static str,
}

/// A server with people who are signed in.
#[derive(Debug)]
pub struct Load {
    pub target: Target,
    pub run: Arc<Run>,
    pub statistics: Statistics,
    people: Vec<Visitor>,
}

impl Load {
    /// People register.
    ///
    /// # Errors
    /// If one of them cannot.
    pub async fn start(run: &Arc<Run>, target: Target) -> Result<Self, Failure> {
        run.say(&format!("{ACCOUNTS} people register"));
        let mut people = Vec::new();
        for number in 0..ACCOUNTS {
            people.push(register(target, &format!("person{number}@example.org"), address(1, number)).await?);
        }
        Ok(Self { target, run: run.clone(), statistics: Statistics::default(), people })
    }

    /// All clients look at pages for a time, with so many requests per second, or as fast as they can. It is
    /// counted in these rows of the table. Returns how many requests per second were served.
    pub async fn drive(self: &Arc<Self>, rows: Rows, rate: Option<f64>, time: Duration) -> f64 {
        let (begin, mut clients) = (Instant::now(), JoinSet::new());
        for (number, person) in (0..CLIENTS).zip(self.people.iter().cycle()) {
            let pause =
                rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(CLIENTS) / rate));
            let random = StdRng::seed_from_u64(self.run.seed ^ u64::from(number));
            let client =
                Client { load: self.clone(), visitor: person.copy(address(2, number)), random, rows, pause };
            clients.spawn(client.browse(begin, begin + time));
        }
        clients.join_all().await;
        let served = self.statistics.row(rows.pages).ok + self.statistics.row(rows.changes).ok;
        // Fewer than a float can count.
        served as f64 / begin.elapsed().as_secs_f64()
    }

    /// Judges what must be served.
    pub fn judge(&self, exchange: &Exchange, answer: &Answer) {
        if matches!(answer, Answer::SignedOut | Answer::Rejected | Answer::Public | Answer::Failed(_)) {
            let why = if let Answer::Failed(Refusal::Wrong(why)) = answer { why } else { "not served" };
            self.run.violations.add(SERVED, &format!("{why}: {}", exchange.describe()));
        }
    }
}

/// Someone with an account, signed in.
///
/// # Errors
/// If that does not work.
pub async fn register(target: Target, email: &str, address: Ipv4Addr) -> Result<Visitor, Failure> {
    let mut visitor = Visitor::new(target, address);
    let fields = [("name", "Someone"), ("email", email), ("password", PASSWORD)];
    let exchange = visitor.post("/api/register", &fields).await;
    match Answer::to_form(&exchange, "/") {
        Answer::Accepted => Ok(visitor),
        _ => Err(exchange.describe().into()),
    }
}

/// An address of its own for everyone, by kind and number.
pub fn address(kind: u8, number: u32) -> Ipv4Addr {
    let [_, a, b, c] = number.to_be_bytes();
    Ipv4Addr::new(10, kind.wrapping_add(a.wrapping_mul(8)), b, c)
}

struct Client {
    load: Arc<Load>,
    visitor: Visitor,
    random: StdRng,
    rows: Rows,
    pause: Duration,
}

impl Client {
    async fn browse(mut self, begin: Instant, end: Instant) {
        let mut due = begin + self.pause.mul_f64(self.random.random());
        while due < end {
            sleep_until(due.into()).await;
            self.act().await;
            due = (due + self.pause).max(Instant::now());
        }
    }

    async fn act(&mut self) {
        let (row, exchange, answer) = if self.random.random_ratio(1, CHANGES) {
            let name = format!("Someone {}", self.random.random_range(0..1000));
            let exchange = self.visitor.post("/api/rename", &[("name", &name)]).await;
            let answer = Answer::to_form(&exchange, "/account");
            (self.rows.changes, exchange, answer)
        } else {
            let path = PAGES[self.random.random_range(0..PAGES.len())];
            let exchange = self.visitor.open(path).await;
            let answer = Answer::to_page(&exchange);
            (self.rows.pages, exchange, answer)
        };
        self.load.statistics.count(row, &answer, exchange.latency());
        self.load.judge(&exchange, &answer);
    }
}
