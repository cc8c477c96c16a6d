//! Two servers behind nginx, with PostgreSQL and Valkey, under traffic while one after the other fails:
//! `make torture`. It ends with a table and a verdict on what README promises for such times.
//!
//! The argument is for how many seconds, 60 by default. `TORTURE_SEED` repeats the choices of an earlier run, and
//! `TORTURE_LOGS` keeps the logs of all servers even if nothing is wrong.

mod account;
mod answer;
mod client;
mod disturbances;
mod ended_sessions;
mod endings;
mod final_checks;
mod installation;
mod passwords;
mod person;
mod progress;
mod proxy;
mod server;
mod statistics;
mod timeline;
mod violations;
mod world;

#[path = "../tests/support/servers/mod.rs"]
mod servers;
#[path = "../tests/support/site.rs"]
mod site;

use std::{
    env,
    error::Error,
    hash::{BuildHasher, RandomState},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{SeedableRng, rngs::StdRng};
use tempfile::TempDir;
use tokio::task::{JoinSet, spawn_blocking};

use self::{installation::Installation, person::Person, violations::Rule, world::World};

const SECONDS: u64 = 60;
const PEOPLE: u64 = 30;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let folder = tempfile::Builder::new().prefix("vestibule-torture-").tempdir()?;
    let result = tokio::select! {
        result = torture(&folder) => result,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let passed = matches!(result, Ok(true));
    if !passed || keeps_logs() {
        println!("\nThe logs of all servers are in {}", folder.keep().display());
    }
    result.map(|passed| if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True if everything was as it must be.
async fn torture(folder: &TempDir) -> Result<bool, Failure> {
    let (duration, seed) = (duration()?, seed()?);
    println!("Starting PostgreSQL, Valkey, two servers and nginx in {}", folder.path().display());
    let path = folder.path().to_owned();
    let installation = Arc::new(spawn_blocking(move || Installation::start(&path)).await??);
    let world = Arc::new(World::new(&installation)?);
    println!("{PEOPLE} people register (TORTURE_SEED={seed})");
    let mut people = JoinSet::new();
    for number in 0..PEOPLE {
        let mut person = Person::new(number, StdRng::seed_from_u64(seed ^ number));
        person.register(&world).await?;
        people.spawn(person.live(world.clone()));
    }
    world.timeline.start();
    let random = StdRng::seed_from_u64(seed ^ PEOPLE);
    let prober = tokio::spawn(ended_sessions::try_at_random(world.clone(), random));
    let progress = tokio::spawn(progress::print(world.clone()));
    let lag = tokio::spawn(progress::measure_lag(world.clone()));
    let disturbed = disturbances::run(&world, &installation, duration).await;
    world.stop.cancel();
    let (people, end) = (people.join_all().await, Instant::now());
    for task in [prober, progress, lag] {
        task.await?;
    }
    let checked = match disturbed {
        Ok(()) => final_checks::run(&world, &installation, &people).await,
        Err(error) => Err(error),
    };
    if let Err(error) = checked {
        world.violate_because(Rule::Recovery, &format!("not everything could be checked: {error}"));
    }
    world.statistics.print(&world.timeline, end);
    world.print_verdict(&people);
    let passed = world.violations.are_none();
    if !passed || keeps_logs() {
        installation.copy_logs(folder.path());
    }
    Ok(passed)
}

/// `cargo bench` adds `--bench` to the arguments.
fn duration() -> Result<Duration, Failure> {
    let argument = env::args().skip(1).find(|argument| !argument.starts_with('-'));
    Ok(Duration::from_secs(argument.map_or(Ok(SECONDS), |seconds| seconds.parse())?))
}

fn keeps_logs() -> bool {
    env::var_os("TORTURE_LOGS").is_some()
}

fn seed() -> Result<u64, Failure> {
    let seed = env::var("TORTURE_SEED").ok();
    Ok(seed.map_or_else(|| Ok(RandomState::new().hash_one("seed")), |seed| seed.parse())?)
}
