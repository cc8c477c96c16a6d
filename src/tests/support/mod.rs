//! What the tests are told with: an application, people who use it, and a clock.

mod actor;
mod answer;
mod app;
mod clock;
mod fixture;
mod memory_store;
mod site;
mod staged_store;
mod store_under_test;
mod stream;
mod wire;

pub use actor::{ALICE, Actor, Ask, BOB, WRONG_PASSWORD, encode};
pub use answer::Answer;
pub use app::TestApp;
pub use clock::ManualClock;
pub use fixture::{AUTHENTICATION, Fixture, request, set_cookie};
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH};
pub use staged_store::{Fault, StagedStore, held};
pub(crate) use store_under_test::for_every_store;
pub use store_under_test::{InMemory, InSqlite, RawId, StoreUnderTest};
pub use wire::{Wire, status};
