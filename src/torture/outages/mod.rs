//! Two servers behind nginx, with PostgreSQL and Valkey, under traffic while one after the other fails. It ends with
//! a table and a verdict on what README promises for such times.

mod disturbances;
mod installation;
mod proxy;

use std::{sync::Arc, time::Duration};

use tokio::task::spawn_blocking;

use self::installation::{DATABASE, Installation};
use crate::{
    Failure,
    client::Target,
    people::{Crowd, Person, checks, habits::Habits, world::World},
    scenario::Run,
    violations::Rule,
};

pub const RULES: &[Rule] =
    &[Rule::WRITES, Rule::ENDINGS, Rule::ERRORS, Rule::RECOVERY, Rule::SESSIONS, Rule::PROCESSES];
const SECONDS: u64 = 60;
const PEOPLE: u64 = 30;

/// # Errors
/// If something cannot be started.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    let duration = Duration::from_secs(run.seconds.unwrap_or(SECONDS));
    run.say(&format!("starting PostgreSQL, Valkey, two servers and nginx in {}", run.folder.display()));
    let starting = run.clone();
    let installation = Arc::new(spawn_blocking(move || Installation::start(&starting)).await??);
    let entrance = Target { name: "nginx", port: installation.port };
    let servers = installation.servers.iter().map(|server| server.target()).collect();
    let world = World::new(&run, installation.public_url(), entrance, servers, Habits::ORDINARY)?;
    let world = Arc::new(world);
    let crowd = Crowd::start(&world, PEOPLE, run.seed).await?;
    let disturbed = disturbances::run(&world, &installation, duration).await;
    let (people, end) = crowd.stop(&world).await;
    let checked = match disturbed {
        Ok(()) => check(&world, &installation, &people).await,
        Err(error) => Err(error),
    };
    if let Err(error) = checked {
        world.violate_because(Rule::RECOVERY, &format!("not everything could be checked: {error}"));
    }
    world.print(&people, end);
    installation.copy_logs(&run.folder);
    Ok(())
}

async fn check(
    world: &Arc<World>,
    installation: &Arc<Installation>,
    people: &[Person],
) -> Result<(), Failure> {
    checks::check_sessions(world).await;
    let asked = installation.clone();
    let rows = spawn_blocking(move || asked.postgres.sql(DATABASE, checks::ACCOUNTS)).await?;
    checks::check_accounts(world, people, &rows);
    for number in 0..installation.servers.len() {
        let (world, installation) = (world.clone(), installation.clone());
        spawn_blocking(move || checks::check_process(&world, &installation.servers[number])).await??;
    }
    Ok(())
}
