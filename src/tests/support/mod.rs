//! What the tests are told with: an application, people who use it, and a clock.

mod actor;
mod response;
mod app;
mod clock;
mod fixture;
mod memory_store;
mod site;
mod controlled_store;
mod store_under_test;
mod event_stream;
mod connection;

pub use actor::{ALICE, Actor, ActorRequest, BOB, WRONG_PASSWORD, encode};
pub use answer::TestResponse;
pub use app::TestApp;
pub use clock::ManualClock;
pub use fixture::{AUTHENTICATION, Fixture, request, set_cookie};
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH};
pub use controlled_store::{Fault, ControlledStore, interleave};
pub(crate) use store_under_test::for_every_store;
pub use store_under_test::{InMemory, InSqlite, RawId, StoreUnderTest};
pub use connection::{RawConnection, status};
