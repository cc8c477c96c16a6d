//! What the tests share: a running application, actors with browsers, stores and a clock.

mod actor;
mod app;
mod clock;
mod connection;
mod controlled_store;
mod event_stream;
mod fixture;
mod memory_store;
mod response;
mod site;
mod store_under_test;

pub use actor::{ALICE, Actor, ActorRequest, BOB, WRONG_PASSWORD, encode};
pub use app::TestApp;
pub use clock::ManualClock;
pub use connection::{RawConnection, status};
pub use controlled_store::{ControlledStore, Fault, interleave};
pub use fixture::{AUTHENTICATION, Fixture, request, set_cookie};
pub use response::TestResponse;
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH, build as build_site};
pub(crate) use store_under_test::for_every_store;
pub use store_under_test::{InMemory, InSqlite, RawId, StoreUnderTest};
