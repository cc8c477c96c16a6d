//! What goes wrong while people use the site.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{task::spawn_blocking, time::sleep_until};

use super::installation::Installation;
use crate::{
    Failure,
    people::{
        checks::check_ready,
        timeline::{Kind, RECOVERY},
        world::World,
    },
    violations::Rule,
};

/// How long a server is away that is started again.
const AWAY: Duration = Duration::from_secs(2);
/// How long a store is paused.
const PAUSE: Duration = Duration::from_secs(3);
/// How long everything must work before the next disturbance.
const UNDISTURBED: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Disturbance {
    name: &'static str,
    kind: Kind,
    run: fn(&World, &Installation) -> io::Result<()>,
}

const DISTURBANCES: [Disturbance; 5] = [
    Disturbance { name: "server A is killed", kind: Kind::Server, run: kill_server },
    Disturbance { name: "server B restarts in order", kind: Kind::Server, run: restart_server },
    Disturbance { name: "PostgreSQL restarts", kind: Kind::Store, run: restart_postgres },
    Disturbance { name: "Valkey restarts without its data", kind: Kind::EmptyStore, run: empty_valkey },
    Disturbance { name: "Valkey, then PostgreSQL pauses", kind: Kind::Store, run: pause_stores },
];

/// Spreads them over `duration`. It takes longer if they would not leave time to recover.
///
/// # Errors
/// If something does not start again.
pub async fn run(
    world: &Arc<World>,
    installation: &Arc<Installation>,
    duration: Duration,
) -> Result<(), Failure> {
    let start = Instant::now();
    let mut earliest = start;
    for (number, disturbance) in (1..).zip(DISTURBANCES) {
        sleep_until(earliest.max(start + duration * number / 6).into()).await;
        let over = disturb(world, installation, disturbance).await?;
        sleep_until((over + RECOVERY).into()).await;
        check_ready(world, Rule::RECOVERY, RECOVERY).await;
        earliest = over + RECOVERY + UNDISTURBED;
    }
    sleep_until(earliest.max(start + duration).into()).await;
    Ok(())
}

/// Returns when it was over.
async fn disturb(
    world: &Arc<World>,
    installation: &Arc<Installation>,
    disturbance: Disturbance,
) -> Result<Instant, Failure> {
    world.timeline.disturb(disturbance.name, disturbance.kind);
    let (disturbed, installation) = (world.clone(), installation.clone());
    spawn_blocking(move || (disturbance.run)(&disturbed, &installation)).await??;
    world.timeline.disturbance_is_over();
    Ok(Instant::now())
}

fn kill_server(world: &World, installation: &Installation) -> io::Result<()> {
    let [server, _] = &installation.servers;
    world.timeline.say("server A is killed (SIGKILL)");
    server.kill()?;
    thread::sleep(AWAY);
    server.start()?;
    world.timeline.say("server A serves again");
    Ok(())
}

fn restart_server(world: &World, installation: &Installation) -> io::Result<()> {
    let [_, server] = &installation.servers;
    world.timeline.say("server B is told to stop (SIGTERM)");
    match server.stop()? {
        Ok(took) => world.timeline.say(&format!("server B has stopped after {:.2} s", took.as_secs_f64())),
        Err(problem) => world.violate_because(Rule::PROCESSES, &problem),
    }
    server.start()?;
    world.timeline.say("server B serves again");
    Ok(())
}

fn restart_postgres(world: &World, installation: &Installation) -> io::Result<()> {
    world.timeline.say("PostgreSQL is stopped");
    installation.postgres.stop();
    thread::sleep(AWAY);
    installation.postgres.start_again();
    world.timeline.say("PostgreSQL runs again");
    Ok(())
}

fn empty_valkey(world: &World, installation: &Installation) -> io::Result<()> {
    world.timeline.say("Valkey is stopped, and forgets everything");
    installation.valkey.stop();
    thread::sleep(AWAY);
    installation.valkey.start_again();
    world.timeline.say("Valkey runs again: people have to sign in again");
    Ok(())
}

fn pause_stores(world: &World, installation: &Installation) -> io::Result<()> {
    world.timeline.say("Valkey is paused (SIGSTOP)");
    installation.valkey.pause();
    thread::sleep(PAUSE);
    installation.valkey.resume();
    world.timeline.say("Valkey goes on; PostgreSQL is paused (SIGSTOP)");
    installation.postgres.pause();
    thread::sleep(PAUSE);
    installation.postgres.resume();
    world.timeline.say("PostgreSQL goes on");
    Ok(())
}
