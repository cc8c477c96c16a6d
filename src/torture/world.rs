//! What all simulated people share: the site, the timeline, and the judgement.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{
    Failure as Error,
    account::Account,
    answer::{Answer, Failure},
    client::{Client, Exchange, Request, Target},
    ended_sessions::EndedSessions,
    installation::Installation,
    person::Person,
    statistics::Statistics,
    timeline::Timeline,
    violations::{Rule, Violations},
};

/// A timer that is later than this belongs to a machine that has too much to do.
const MAX_LAG: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct World {
    pub client: Client,
    pub proxy: Target,
    pub servers: [Target; 2],
    pub timeline: Timeline,
    pub statistics: Statistics,
    pub violations: Violations,
    pub ended: EndedSessions,
    /// Cancelled when people are to stop.
    pub stop: CancellationToken,
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
    pub fn new(installation: &Installation) -> Result<Self, Error> {
        Ok(Self {
            client: Client::new(installation.public_url())?,
            proxy: Target { name: "nginx", port: installation.port },
            servers: installation
                .servers
                .each_ref()
                .map(|server| Target { name: server.name, port: server.port }),
            timeline: Timeline::new(),
            statistics: Statistics::default(),
            violations: Violations::default(),
            ended: EndedSessions::default(),
            stop: CancellationToken::new(),
        })
    }

    /// Opens a page, and counts what came of it.
    pub async fn open(&self, path: &str, cookie: Option<&str>, by: &str) -> (Exchange, Answer) {
        let (target, by_script) = (self.proxy, false);
        let exchange = self.client.send(Request { target, path, cookie, form: None, by_script, by }).await;
        let answer = Answer::to_page(&exchange);
        self.count(&exchange, &answer);
        (exchange, answer)
    }

    /// Posts a form, as a browser or as its script does, and counts what came of it.
    pub async fn post(&self, form: Form<'_>) -> (Exchange, Answer) {
        let Form { path, cookie, fields, by_script, by } = form;
        let request = Request { target: self.proxy, path, cookie, form: Some(fields), by_script, by };
        let exchange = self.client.send(request).await;
        let answer = Answer::to_form(&exchange, next_page(path));
        self.count(&exchange, &answer);
        (exchange, answer)
    }

    /// Counts what came of a request, and judges it if it failed.
    fn count(&self, exchange: &Exchange, answer: &Answer) {
        let phase = self.timeline.phase_at(exchange.ended);
        self.statistics.count(phase, answer, exchange.latency());
        self.judge_failure(exchange, answer);
    }

    pub fn judge_failure(&self, exchange: &Exchange, answer: &Answer) {
        let Answer::Failed(failure) = answer else { return };
        let phase = self.timeline.phase_at(exchange.ended);
        self.statistics.failed(phase, exchange.ended);
        if !self.timeline.excuses(failure, exchange.began, exchange.ended) {
            let why = if let Failure::Wrong(why) = failure { why } else { "nothing excuses it" };
            self.violate(Rule::Errors, why, exchange);
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

    pub fn print_verdict(&self, people: &[Person]) {
        let sum =
            |count: fn(&Account) -> u64| people.iter().map(|person| count(&person.account)).sum::<u64>();
        let (names, passwords) = (sum(Account::acknowledged_names), sum(Account::acknowledged_passwords));
        let lost: u64 = people.iter().map(|person| person.lost_in_doubt).sum();
        let (ended, tried) = self.ended.counts();
        println!(
            "\n{names} names and {passwords} passwords were changed, {ended} sessions ended and tried {tried} times."
        );
        println!("{lost} sessions were lost to a change that was not acknowledged.\n");
        for rule in Rule::ALL {
            let count = self.violations.count(rule);
            let verdict = if count == 0 { "holds".to_owned() } else { format!("VIOLATED {count} times") };
            println!("{:<76} {verdict}", rule.text());
        }
        if self.statistics.max_lag() > MAX_LAG {
            println!("\nThis machine was too busy: what is said of times, and of 503, counts for little.");
        }
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
