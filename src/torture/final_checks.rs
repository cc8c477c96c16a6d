//! What is checked when people have stopped, and after each disturbance.

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::StatusCode;
use tokio::task::spawn_blocking;

use super::{
    Failure,
    client::Request,
    ended_sessions,
    installation::{DATABASE, Installation},
    person::Person,
    violations::Rule,
    world::World,
};

/// How long a server may take to say that it is ready.
const MAX_READY: Duration = Duration::from_millis(100);
/// The name of each account, and how often the audit log says that name and password were changed.
const ACCOUNTS: &str = "SELECT email, name, \
    (SELECT coalesce(sum(count), 0) FROM events WHERE account_id = id AND kind = 'name_changed'), \
    (SELECT count(*) FROM events WHERE account_id = id AND kind = 'password_changed') FROM accounts";

pub async fn run(world: &World, installation: &Arc<Installation>, people: &[Person]) -> Result<(), Failure> {
    println!("\nEveryone has stopped: trying all ended sessions on both servers, and reading the database");
    ended_sessions::try_all(world).await;
    check_ready(world, Rule::Processes, MAX_READY).await;
    let asked = installation.clone();
    let rows = spawn_blocking(move || asked.postgres.sql(DATABASE, ACCOUNTS)).await?;
    check_accounts(world, people, &rows);
    for number in 0..installation.servers.len() {
        let stopped = installation.clone();
        let stopped = spawn_blocking(move || stopped.servers[number].stop()).await??;
        if let Err(problem) = stopped {
            world.violate_because(Rule::Processes, &problem);
        }
        let server = &installation.servers[number];
        for line in server.faults()? {
            world.violate_because(Rule::Processes, &format!("{} has logged: {line}", server.name));
        }
    }
    Ok(())
}

/// Asks both servers whether they are ready.
pub async fn check_ready(world: &World, rule: Rule, max: Duration) {
    for target in world.servers {
        let request =
            Request { target, path: "/readyz", cookie: None, form: None, by_script: false, by: "a probe" };
        let exchange = world.client.send(request).await;
        let is_ready = exchange.response().is_some_and(|response| response.status == StatusCode::OK);
        if !is_ready || exchange.latency() > max {
            world.violate(rule, "the server is not ready", &exchange);
        }
    }
}

fn check_accounts(world: &World, people: &[Person], rows: &str) {
    let rows: HashMap<_, _> = rows.lines().filter_map(|row| row.split_once('|')).collect();
    for person in people {
        let checked = match rows.get(person.account.email.as_str()) {
            Some(row) => check_account(person, row),
            None => Err("the account is missing".to_owned()),
        };
        if let Err(problem) = checked {
            world.violate_because(Rule::Writes, &format!("in the database, of {}: {problem}", person.name));
        }
    }
}

fn check_account(person: &Person, row: &str) -> Result<(), String> {
    let columns: Vec<_> = row.split('|').collect();
    let [name, names, passwords] = columns[..] else { return Err(format!("{row:?} is no row")) };
    let count = |text: &str| text.parse().map_err(|_| format!("{row:?} is no row"));
    let account = &person.account;
    account.check_last_name(name)?;
    account.check_events(count(names)?, count(passwords)?)
}
