//! What is checked when people have stopped, and after each disturbance.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt, stream};
use http::StatusCode;

use super::{ended_sessions, person::Person, world::World};
use crate::{Failure, client::Request, server::Server, violations::Rule};

/// How long a server may take to say that it is ready.
const MAX_READY: Duration = Duration::from_millis(500);
/// How many people sign in at a time in the end.
const CONCURRENT: usize = 4;
/// The name of each account, and how often the audit log says that name and password were changed: columns with |
/// between them, as `check_accounts` takes them.
pub const ACCOUNTS: &str = "SELECT email, name, \
    (SELECT coalesce(sum(count), 0) FROM events WHERE account_id = id AND kind = 'name_changed'), \
    (SELECT count(*) FROM events WHERE account_id = id AND kind = 'password_changed') FROM accounts";

/// No session that has ended is accepted, and all servers are ready.
pub async fn check_sessions(world: &World) {
    world.timeline.say("everyone has stopped: trying all ended sessions on all servers");
    ended_sessions::try_all(world).await;
    check_ready(world, Rule::PROCESSES, MAX_READY).await;
}

/// Everyone signs in with the password that they have.
pub async fn check_passwords(world: &World, people: &mut [Person]) {
    world.timeline.say(&format!("{} people sign in with their passwords", people.len()));
    stream::iter(people)
        .for_each_concurrent(CONCURRENT, |person| person.must_be_able_to_sign_in(world))
        .await;
}

/// Asks all servers whether they are ready.
pub async fn check_ready(world: &World, rule: Rule, max: Duration) {
    for target in world.servers.iter().copied() {
        let request =
            Request { target, path: "/readyz", cookie: None, form: None, by_script: false, by: "a probe" };
        let exchange = world.client.send(request).await;
        let is_ready = exchange.response().is_some_and(|response| response.status == StatusCode::OK);
        if !is_ready || exchange.latency() > max {
            world.violate(rule, "the server is not ready", &exchange);
        }
    }
}

/// Compares the rows of [`ACCOUNTS`] with what people know.
pub fn check_accounts(world: &World, people: &[Person], rows: &str) {
    let rows: HashMap<_, _> = rows.lines().filter_map(|row| row.split_once('|')).collect();
    for person in people {
        let checked = match rows.get(person.account.email.as_str()) {
            Some(row) => check_account(person, row),
            None => Err("the account is missing".to_owned()),
        };
        if let Err(problem) = checked {
            world.violate_because(Rule::WRITES, &format!("in the database, of {}: {problem}", person.name));
        }
    }
}

/// Stops a server in order, and reads its log.
///
/// # Errors
/// If it does not run, or its log cannot be read.
pub fn check_process(world: &World, server: &Server) -> Result<(), Failure> {
    if let Err(problem) = server.stop()? {
        world.violate_because(Rule::PROCESSES, &problem);
    }
    for line in server.faults()? {
        world.violate_because(Rule::PROCESSES, &format!("{} has logged: {line}", server.name));
    }
    Ok(())
}

fn check_account(person: &Person, row: &str) -> Result<(), String> {
    let columns: Vec<_> = row.split('|').collect();
    let [name, names, passwords] = columns[..] else { return Err(format!("{row:?} is no row")) };
    let count = |text: &str| text.parse().map_err(|_| format!("{row:?} is no row"));
    let account = &person.account;
    account.check_last_name(name)?;
    account.check_events(count(names)?, count(passwords)?)
}
