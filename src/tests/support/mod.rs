//! What the tests are told with: an application, people who use it, and a clock.

mod actor;
mod answer;
mod app;
mod clock;
mod fixture;
mod site;
mod staged_store;
mod stream;
mod subject;
mod wire;

pub use actor::{ALICE, Actor, Ask, BOB, WRONG_PASSWORD, encode};
pub use answer::Answer;
pub use app::TestApp;
pub use clock::ManualClock;
pub use fixture::{Fixture, PROOF, request, set_cookie};
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH};
pub use staged_store::{Mood, StagedStore, held};
pub(crate) use subject::for_every_store;
pub use subject::{InMemory, InSqlite, RawId, Subject};
pub use wire::{Wire, status};
