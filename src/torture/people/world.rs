//! What all simulated people share: the site, the timeline, and the judgement.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tokio_util::sync::CancellationToken;

use super::{
    account::Account, ended_sessions::EndedSessions, habits::Habits, person::Person, timeline::Timeline,
};
use crate::{
    Failure as Error,
    answer::{Answer, Failure},
    client::{Client, Exchange, Request, Target},
    progress::Progress,
    scenario::Run,
    statistics::Statistics,
    violations::{Rule, Violations},
};

#[derive(Debug)]
pub struct World {
    pub client: Client,
    /// Where people go to: a server, or what is in front of all of them.
    pub entrance: Target,
    pub servers: Vec<Target>,
    pub timeline: Timeline,
    pub statistics: Statistics,
    pub violations: Arc<Violations>,
    pub ended: EndedSessions,
    pub habits: Habits,
    /// Cancelled when people are to stop.
    pub stop: CancellationToken,
    people: AtomicU64,
    newcomers: Mutex<Vec<Person>>,
}

/// A form that a person posts.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    pub path: &'a str,
    pub cookie: Option<&'a str>,
    pub fields: &'a [(&'a str, &'a str)],
    pub by_script: bool,
    pub by: &'a str,
}

impl World {
    /// `public_url` is that of the site, which people enter by `entrance`.
    ///
    /// # Errors
    /// If the system has no randomness or the like.
    pub fn new(
        run: &Run,
        public_url: String,
        entrance: Target,
        servers: Vec<Target>,
        habits: Habits,
    ) -> Result<Self, Error> {
        Ok(Self {
            client: Client::new(public_url)?,
            entrance,
            servers,
            timeline: Timeline::new(run.progress),
            statistics: Statistics::default(),
            violations: run.violations.clone(),
            ended: EndedSessions::default(),
            habits,
            stop: CancellationToken::new(),
            people: AtomicU64::new(0),
            newcomers: Mutex::default(),
        })
    }

    /// The number of one more person.
    pub fn next_number(&self) -> u64 {
        self.people.fetch_add(1, Ordering::Relaxed)
    }

    /// Someone has registered while others live.
    pub fn add_newcomer(&self, person: Person) {
        self.newcomers.lock().unwrap_or_else(PoisonError::into_inner).push(person);
    }

    /// Takes those who have registered while others live.
    pub fn newcomers(&self) -> Vec<Person> {
        std::mem::take(&mut self.newcomers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn progress(&self) -> Progress {
        self.timeline.progress()
    }

    /// Opens a page, and counts what came of it.
    pub async fn open(&self, path: &str, cookie: Option<&str>, by: &str) -> (Exchange, Answer) {
        let (target, by_script) = (self.entrance, false);
        let exchange = self.client.send(Request { target, path, cookie, form: None, by_script, by }).await;
        let answer = Answer::to_page(&exchange);
        self.count(&exchange, &answer);
        (exchange, answer)
    }

    /// Posts a form, as a browser or as its script does, and counts what came of it.
    pub async fn post(&self, form: Form<'_>) -> (Exchange, Answer) {
        let Form { path, cookie, fields, by_script, by } = form;
        let request = Request { target: self.entrance, path, cookie, form: Some(fields), by_script, by };
        let exchange = self.client.send(request).await;
        let answer = Answer::to_form(&exchange, next_page(path));
        self.count(&exchange, &answer);
        (exchange, answer)
    }

    /// Counts what came of a request, and judges it if it failed.
    fn count(&self, exchange: &Exchange, answer: &Answer) {
        let (phase, _) = self.timeline.phase_at(exchange.ended);
        self.statistics.count(phase, answer, exchange.latency());
        self.judge_failure(exchange, answer);
    }

    pub fn judge_failure(&self, exchange: &Exchange, answer: &Answer) {
        let Answer::Failed(failure) = answer else { return };
        let (phase, after) = self.timeline.phase_at(exchange.ended);
        self.statistics.failed(phase, after);
        let only_reads = exchange.request.starts_with("GET");
        if !self.timeline.excuses(failure, only_reads, exchange.began, exchange.ended) {
            let why = if let Failure::Wrong(why) = failure { why } else { "nothing excuses it" };
            self.violate(Rule::ERRORS, why, exchange);
        }
    }

    pub fn violate(&self, rule: Rule, why: &str, exchange: &Exchange) {
        let (began, request) = (self.timeline.clock(exchange.began), exchange.describe());
        self.violations.add(rule, &format!("{why}. Begun at {began}: {request}"));
    }

    /// For what is not about a request.
    pub fn violate_because(&self, rule: Rule, why: &str) {
        self.violations.add(rule, &format!("{why}. At {}", self.timeline.clock(Instant::now())));
    }

    /// How it goes.
    pub fn describe(&self) -> String {
        let total = self.statistics.total();
        let (ended, tried) = self.ended.counts();
        format!(
            "  {} requests: {} ok, {} unavailable, {} bad gateway, {} broken, {} signed out; \
             {ended} ended sessions tried {tried} times; {} violations",
            total.requests,
            total.ok,
            total.unavailable,
            total.bad_gateway,
            total.broken,
            total.signed_out,
            self.violations.total()
        )
    }

    /// Prints the table, and what people have done until `end`.
    pub fn print(&self, people: &[Person], end: Instant) {
        self.statistics.print(&self.timeline.rows(end));
        let sum =
            |count: fn(&Account) -> u64| people.iter().map(|person| count(&person.account)).sum::<u64>();
        let (names, passwords) = (sum(Account::acknowledged_names), sum(Account::acknowledged_passwords));
        let lost: u64 = people.iter().map(|person| person.lost_in_doubt).sum();
        let (ended, tried) = self.ended.counts();
        println!(
            "\n{} people have registered, {names} names and {passwords} passwords were changed, {ended} sessions \
             ended and tried {tried} times.\n{lost} sessions were lost to a change that was not acknowledged.",
            people.len()
        );
    }
}

/// Where a form leads to when it was accepted.
pub fn next_page(path: &str) -> &'static str {
    match path {
        "/api/rename" => "/account",
        "/api/sign_out" => "/login",
        "/api/change_password" => "/account/security",
        "/api/end_session" | "/api/end_other_sessions" => "/account/sessions",
        _ => "/",
    }
}
