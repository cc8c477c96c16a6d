//! The database: connect, migrate, query. SQLite or PostgreSQL.
//!
//! SQL is written once for both: `$1` placeholders, TEXT ids, BIGINT milliseconds. Where they differ, a
//! [`Statement`] has both texts beside each other, and a line of a migration says which it is for.

mod account_lock;
pub mod account_status;
pub mod accounts;
mod backup;
pub mod copy;
mod database;
pub mod ended_sessions;
mod error;
pub mod events;
mod executor;
pub mod leases;
pub mod limits;
pub mod mailed_tokens;
pub mod mails;
mod migrate;
mod open;
mod postgres;
pub mod processes;
pub mod registrations;
mod row;
mod sqlite;
mod statement;

pub use self::{
    account_lock::{lock_account, lock_accounts},
    database::{Database, Usage},
    error::{ConnectError, DatabaseError},
    executor::{Executor, Transaction},
    migrate::SchemaError,
    open::OpenError,
    row::{OwnedRow, Row},
    statement::{Dialect, Parameter, Query, Statement},
};
