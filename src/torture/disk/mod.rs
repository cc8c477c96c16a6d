//! The disk is full, the database locked or read-only, and the clock steps: nothing that was acknowledged is lost, what
//! only reads goes on, and all is well afterwards without a restart. On SQLite: PostgreSQL has a disk of its own.

mod clock;
mod places;
mod troubles;
mod witness;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::spawn_blocking,
    time::{sleep, sleep_until},
};

use self::{
    places::Place,
    troubles::Trouble,
    witness::{CLEAR, Witness},
};
use crate::{
    Failure,
    people::{
        Crowd, Person, checks,
        habits::Habits,
        timeline::{Kind, RECOVERY},
        world::World,
    },
    scenario::{Run, public_url},
    server::Server,
    violations::Rule,
};

const INTEGRITY: Rule = Rule("The database is not damaged");
pub const RULES: &[Rule] = &[
    Rule::WRITES,
    Rule::ENDINGS,
    Rule::ERRORS,
    Rule::RECOVERY,
    Rule::SESSIONS,
    Rule::PROCESSES,
    CLEAR,
    INTEGRITY,
    clock::LIFETIME,
];

const PEOPLE: u64 = 6;
/// How long people live before the first trouble, and between two.
const UNDISTURBED: Duration = Duration::from_secs(3);
/// How long a server may take to say that it is ready.
const MAX_READY: Duration = Duration::from_secs(1);

/// # Errors
/// If something cannot be started.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    clock::run(&run).await?;
    let folder = run.folder.join("small-disk");
    match spawn_blocking(move || Place::on_small_disk(&folder)).await? {
        Ok(place) => live_through(&run, "on a small disk", place, &[Trouble::Full]).await?,
        Err(reason) => run.say(&format!("SKIPPED: no disk is filled, since none can be made: {reason}")),
    }
    let place = Place::on_this_disk(&run.folder.join("data"))?;
    let troubles: &[_] = match place.can_be_read_only() {
        Ok(()) => &[Trouble::Locked, Trouble::ReadOnly],
        Err(reason) => {
            run.say(&format!("SKIPPED: no database is made read-only, since that cannot be done: {reason}"));
            &[Trouble::Locked]
        }
    };
    live_through(&run, "on this disk", place, troubles).await
}

/// People use a server that has one trouble after the other.
async fn live_through(
    run: &Arc<Run>,
    name: &'static str,
    place: Place,
    troubles: &[Trouble],
) -> Result<(), Failure> {
    let environment = [
        ("VESTIBULE_DATA_DIR", place.folder().display().to_string()),
        // So that sessions are extended all the time.
        ("VESTIBULE_SESSIONS__TOUCH_INTERVAL", "2s".to_owned()),
    ];
    // Dropped after the server that uses it.
    let place = Arc::new(place);
    let server = Arc::new(run.server(name, &environment)?);
    let started = server.clone();
    spawn_blocking(move || started.start()).await??;
    run.say(&format!("a server has started {name}"));
    let target = server.target();
    let world = World::new(run, public_url(target.port), target, vec![target], Habits::WRITING)?;
    let world = Arc::new(world);
    let crowd = Crowd::start(&world, PEOPLE, run.seed).await?;
    let mut witness = Witness::register(&world).await?;
    for trouble in troubles {
        sleep(UNDISTURBED).await;
        go_through(&world, &place, *trouble, &mut witness).await?;
    }
    let (mut people, end) = crowd.stop(&world).await;
    check(&world, &place, &server, &mut people).await?;
    println!("\nA server {name}");
    world.print(&people, end);
    Ok(())
}

async fn go_through(
    world: &Arc<World>,
    place: &Arc<Place>,
    trouble: Trouble,
    witness: &mut Witness,
) -> Result<(), Failure> {
    world.timeline.disturb(trouble.name(), Kind::Writer);
    world.timeline.say(&format!("{} for {} s", trouble.name(), trouble.time().as_secs()));
    let (end, troubled) = (Instant::now() + trouble.time(), place.clone());
    let held = spawn_blocking(move || trouble.begin(&troubled)).await??;
    witness.look(world, end).await;
    sleep_until(end.into()).await;
    spawn_blocking(move || drop(held)).await?;
    world.timeline.disturbance_is_over();
    world.timeline.say("it is over");
    sleep(RECOVERY).await;
    checks::check_ready(world, Rule::RECOVERY, MAX_READY).await;
    witness.is_back(world).await;
    Ok(())
}

async fn check(
    world: &Arc<World>,
    place: &Arc<Place>,
    server: &Arc<Server>,
    people: &mut [Person],
) -> Result<(), Failure> {
    checks::check_sessions(world).await;
    checks::check_passwords(world, people).await;
    let (asked, database) = (place.clone(), place.database());
    let rows = spawn_blocking(move || asked.database().rows(checks::ACCOUNTS)).await??;
    checks::check_accounts(world, people, &rows);
    let (world, server) = (world.clone(), server.clone());
    spawn_blocking(move || {
        checks::check_process(&world, &server)?;
        match database.check_integrity()? {
            Ok(checked) => world.timeline.say(&format!("the database is not damaged: checked {checked}")),
            Err(damage) => world.violate_because(INTEGRITY, &damage),
        }
        Ok(())
    })
    .await?
}
