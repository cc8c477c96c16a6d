//! What the tests are told with: an application, people who use it, and a clock.

mod actor;
mod answer;
mod app;
mod clock;
mod fixture;
mod gated_store;
mod site;
mod wire;

pub use actor::{ALICE, Actor, Ask, WRONG_PASSWORD, encode};
pub use answer::Answer;
pub use app::TestApp;
pub use clock::ManualClock;
pub use fixture::{Fixture, request, set_cookie};
pub use gated_store::GatedStore;
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH};
pub use wire::{Wire, status};
