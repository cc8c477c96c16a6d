//! Simulated people, who judge whatever a site says to them, whatever happens to it meanwhile.

mod account;
pub mod checks;
pub mod ended_sessions;
mod endings;
pub mod habits;
mod passwords;
mod person;
pub mod timeline;
pub mod world;

use std::{sync::Arc, time::Instant};

use rand::{SeedableRng, rngs::StdRng};
use tokio::task::JoinSet;

pub use self::person::{PAGES, Person};
use self::world::World;
use crate::{Failure, progress};

/// People who live, those who try the sessions that have ended, and a line every few seconds.
#[derive(Debug)]
pub struct Crowd {
    people: JoinSet<Person>,
    beside: JoinSet<()>,
}

impl Crowd {
    /// As many people register, and begin to live.
    ///
    /// # Errors
    /// If one of them cannot register: nothing is disturbed yet.
    pub async fn start(world: &Arc<World>, count: u64, seed: u64) -> Result<Self, Failure> {
        world.timeline.say(&format!("{count} people register (TORTURE_SEED={seed})"));
        let (mut people, mut beside) = (JoinSet::new(), JoinSet::new());
        for _ in 0..count {
            let number = world.next_number();
            let mut person = Person::new(number, StdRng::seed_from_u64(seed ^ number));
            person.register(world).await?;
            people.spawn(person.live(world.clone()));
        }
        world.timeline.start();
        let random = StdRng::seed_from_u64(!seed);
        beside.spawn(ended_sessions::try_at_random(world.clone(), random));
        let reported = world.clone();
        beside.spawn(async move {
            reported.progress().report(&reported.stop, || reported.describe()).await;
        });
        let measured = world.clone();
        beside.spawn(async move {
            let lagged = |at, lag| measured.statistics.lagged(measured.timeline.phase_at(at).0, lag);
            progress::measure_lag(&measured.stop, lagged).await;
        });
        Ok(Self { people, beside })
    }

    /// Lets everyone finish. Returns them, with those who have registered meanwhile, and when it was.
    pub async fn stop(self, world: &World) -> (Vec<Person>, Instant) {
        world.stop.cancel();
        let (mut people, end) = (self.people.join_all().await, Instant::now());
        self.beside.join_all().await;
        people.extend(world.newcomers());
        (people, end)
    }
}
