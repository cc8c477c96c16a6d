//! The engine beside a model of it, through thousands of random stories.
//!
//! Three browsers sign in and out, prove who they are, write, wait, steal each other's cookies and
//! leave requests hanging. After every operation the engine must say of each of them what the
//! [`Model`] says, and must have set the cookie that the model has set. Once a story goes wrong,
//! proptest looks for the shortest one that does.

mod lives;
mod model;
mod operation;
mod world;

use std::sync::atomic::Ordering;

use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::ReferenceStateMachine;

use self::{model::Model, world::World};
use crate::support::{StoreUnderTest, for_every_store};

/// Stories per store, unless `PROPTEST_CASES` asks for more.
const STORIES: u32 = 1_000;
const LONGEST: usize = 50;
/// The same stories every time, unless `PROPTEST_RNG_SEED` asks for others.
const SEED: u64 = 1;

for_every_store!(the_engine_does_as_the_model_does);

fn the_engine_does_as_the_model_does<S: StoreUnderTest>() {
    let world = World::of::<S>();
    let defaults = Config::default();
    let rng_seed = match defaults.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        fixed => fixed,
    };
    let cases = defaults.cases.max(STORIES);
    let config = Config { cases, rng_seed, failure_persistence: None, ..defaults };
    let stories = Model::sequential_strategy(1..=LONGEST);
    let told = TestRunner::new(config).run(&stories, |(mut model, story, progress)| {
        let mut run = world.run();
        for operation in story {
            if let Some(progress) = &progress {
                progress.fetch_add(1, Ordering::SeqCst);
            }
            model = Model::apply(model, &operation);
            run.compare(&operation, &model)?;
        }
        run.compare_everything(&model)
    });
    told.unwrap_or_else(|failure| panic!("{failure}"));
}
