//! A server is killed again and again in the middle of writes, and started again: on SQLite, then on PostgreSQL.
//! All that it has acknowledged must have happened.

use std::{ops::Range, sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    Failure,
    database::Database,
    people::{Crowd, Person, checks, habits::Habits, timeline::Kind, world::World},
    scenario::{Run, public_url},
    server::Server,
    violations::Rule,
};

const INTEGRITY: Rule = Rule("The database is not damaged");
const START: Rule = Rule("A server that was killed answers within a second of its start");
pub const RULES: &[Rule] =
    &[Rule::WRITES, Rule::ENDINGS, Rule::ERRORS, Rule::SESSIONS, Rule::PROCESSES, INTEGRITY, START];

const KILLS: u32 = 200;
const PEOPLE: u64 = 12;
/// How long a server lives until it is killed, in milliseconds.
const LIFE: Range<u64> = 150..650;
const MAX_START: Duration = Duration::from_secs(1);
/// On how many occasions it is said how it goes.
const REPORTS: u32 = 4;

/// A server, and its database.
#[derive(Debug)]
struct Victim {
    server: Server,
    database: Database,
}

/// # Errors
/// If something cannot be started.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    let sqlite = Database::Sqlite(run.folder.join("on-SQLite/data/vestibule.db"));
    kill_again_and_again(&run, "on SQLite", sqlite).await?;
    let postgres = spawn_blocking(Database::postgres).await?;
    kill_again_and_again(&run, "on PostgreSQL", postgres).await
}

async fn kill_again_and_again(run: &Arc<Run>, name: &'static str, database: Database) -> Result<(), Failure> {
    let environment = [
        ("VESTIBULE_DATABASE__URL", database.url()),
        // People try the passwords that they had before, more often than is allowed.
        ("VESTIBULE_LIMITS__SIGN_IN_BURST", "0".to_owned()),
        ("VESTIBULE_LIMITS__ACCOUNT_ATTEMPTS", "0".to_owned()),
        ("VESTIBULE_LIMITS__DEVICES_BURST", "0".to_owned()),
    ];
    let server = run.server(name, &environment)?;
    let victim = Arc::new(Victim { server, database });
    let started = victim.clone();
    let took = spawn_blocking(move || started.server.start()).await??;
    run.say(&format!("a server {name} has started for the first time in {} ms", took.as_millis()));
    let target = victim.server.target();
    let world = World::new(run, public_url(target.port), target, vec![target], Habits::WRITING)?;
    let world = Arc::new(world);
    let crowd = Crowd::start(&world, PEOPLE, run.seed).await?;
    let killed = kill(&world, &victim, run).await;
    let (mut people, end) = crowd.stop(&world).await;
    let starts = killed?;
    check(&world, &victim, &mut people).await?;
    println!("\nA server {name}, killed {} times", starts.len());
    world.print(&people, end);
    print_starts(&starts);
    let most = at(&starts, 100);
    if most > MAX_START {
        world.violate_because(START, &format!("{} ms", most.as_millis()));
    }
    Ok(())
}

/// Returns how long each start took, from the shortest.
async fn kill(world: &Arc<World>, victim: &Arc<Victim>, run: &Run) -> Result<Vec<Duration>, Failure> {
    let mut random = StdRng::seed_from_u64(run.seed);
    let (kills, mut starts) = (run.kills.unwrap_or(KILLS), Vec::new());
    for number in 1..=kills {
        sleep(Duration::from_millis(random.random_range(LIFE))).await;
        world.timeline.disturb("killed and started again", Kind::Kill);
        let killed = victim.clone();
        let restarting = spawn_blocking(move || {
            killed.server.kill()?;
            killed.server.start()
        });
        let took = restarting.await??;
        world.timeline.disturbance_is_over();
        starts.push(took);
        if number % (kills / REPORTS).max(1) == 0 {
            run.say(&format!("killed {number} times"));
        }
    }
    sleep(Duration::from_millis(LIFE.end)).await;
    starts.sort_unstable();
    Ok(starts)
}

async fn check(world: &Arc<World>, victim: &Arc<Victim>, people: &mut [Person]) -> Result<(), Failure> {
    checks::check_sessions(world).await;
    checks::check_passwords(world, people).await;
    let asked = victim.clone();
    let rows = spawn_blocking(move || asked.database.rows(checks::ACCOUNTS)).await??;
    checks::check_accounts(world, people, &rows);
    let (world, victim) = (world.clone(), victim.clone());
    spawn_blocking(move || {
        checks::check_process(&world, &victim.server)?;
        match victim.database.check_integrity()? {
            Ok(checked) => world.timeline.say(&format!("the database is not damaged: checked {checked}")),
            Err(damage) => world.violate_because(INTEGRITY, &damage),
        }
        Ok(())
    })
    .await?
}

fn print_starts(starts: &[Duration]) {
    let millis = |percent| at(starts, percent).as_millis();
    println!(
        "Starts took {} ms in the median, {} ms in 19 of 20, {} ms at most, until the first answer.",
        millis(50),
        millis(95),
        millis(100)
    );
}

/// What this share of them, in per cent, did not exceed: the nearest rank below.
fn at(starts: &[Duration], percent: usize) -> Duration {
    starts.get(starts.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}
