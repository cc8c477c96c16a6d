//! What the tests share: a running application, actors with browsers, stores and a clock.

mod actor;
mod app;
mod clock;
mod connection;
mod controlled_store;
mod event_stream;
mod fixture;
mod inspection;
mod installation;
mod memory_store;
mod payloads;
mod postgres_database;
mod response;
mod server_process;
pub mod servers;
mod site;
mod store_under_test;
mod stored_sessions;
mod stores;

pub use actor::{ALICE, Actor, ActorRequest, BOB, User, WRONG_PASSWORD, encode};
pub use app::TestApp;
pub use clock::ManualClock;
pub use connection::{RawConnection, status};
pub use controlled_store::{ControlledStore, Fault, interleave};
pub use event_stream::EventStream;
pub use fixture::{AUTHENTICATION, Fixture, request, set_cookie};
pub(crate) use installation::for_every_database;
pub use installation::{Installation, command};
pub use payloads::payloads;
pub use response::TestResponse;
pub use server_process::ServerProcess;
pub use site::{SCRIPT, SCRIPT_BROTLI, SCRIPT_GZIP, SCRIPT_PATH};
pub(crate) use store_under_test::for_every_store;
pub use store_under_test::{InCluster, InMemory, InPostgres, InSqlite, InValkey, RawId, StoreUnderTest};
pub use stored_sessions::statement;
pub use stores::Stores;
