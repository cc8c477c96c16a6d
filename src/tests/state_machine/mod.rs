//! The engine compared with a model, over thousands of random sequences of operations.
//!
//! Three browsers sign in and out, step up, write values, wait, steal each other's cookies and leave
//! requests pending. After every operation the session of each browser, and the cookie that was set,
//! must be those of the [`Model`]. Proptest shrinks a failing sequence to a short one.

mod effects;
mod harness;
mod model;
mod operation;
mod session;

use std::sync::atomic::Ordering;

use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::ReferenceStateMachine;

use self::{harness::Harness, model::Model};
use crate::support::{StoreUnderTest, for_every_store};

/// Sequences per store, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 1_000;
const MAX_OPERATIONS: usize = 50;
/// Makes runs reproducible, unless `PROPTEST_RNG_SEED` is set.
const SEED: u64 = 1;

for_every_store!(the_engine_behaves_like_the_model);

fn the_engine_behaves_like_the_model<S: StoreUnderTest>() {
    let harness = Harness::new::<S>();
    let defaults = Config::default();
    let rng_seed = match defaults.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        fixed => fixed,
    };
    let cases = defaults.cases.max(CASES);
    let config = Config { cases, rng_seed, failure_persistence: None, ..defaults };
    let sequences = Model::sequential_strategy(1..=MAX_OPERATIONS);
    let result = TestRunner::new(config).run(&sequences, |(mut model, operations, progress)| {
        let mut run = harness.run();
        for operation in operations {
            if let Some(progress) = &progress {
                progress.fetch_add(1, Ordering::SeqCst);
            }
            model = Model::apply(model, &operation);
            run.compare(&operation, &model)?;
        }
        run.compare_all_sessions(&model)
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
