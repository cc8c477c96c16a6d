//! Why the database failed.

use std::{io, path::PathBuf};

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

use crate::server::config::ConfigError;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Rusqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error("there is no connection")]
    Pool(#[from] PoolError),
    #[error("the database does not answer in time")]
    TimedOut,
    #[error("the database is closed")]
    Closed,
    #[error("a statement of the transaction has failed, so nothing was committed")]
    Aborted,
    #[error("column {0} is NULL")]
    Null(usize),
    #[error("a value could not be encoded")]
    Encode(#[from] serde_json::Error),
}

/// Classes of the SQLSTATE that mean that PostgreSQL cannot do its work: connection exceptions, insufficient
/// resources (also a full disk), operator intervention, system errors, and a transaction that lost against
/// another.
const UNAVAILABLE_CLASSES: [&str; 5] = ["08", "53", "57", "58", "40"];
/// SQLite's `BUSY`, `LOCKED`, `READONLY`, `IOERR`, `FULL` and `CANTOPEN`; the lowest byte of an extended code.
const UNAVAILABLE_CODES: [u32; 6] = [5, 6, 8, 10, 13, 14];

/// SQLite's `CORRUPT` and `NOTADB`.
const CORRUPT_CODES: [u32; 2] = [11, 26];

impl DatabaseError {
    /// True if the database is out of reach or cannot write, as opposed to a statement that is wrong.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::TimedOut | Self::Closed | Self::Pool(_) => true,
            Self::Sqlx(error) => is_sqlite_unavailable(error),
            Self::Rusqlite(error) => error
                .sqlite_error()
                .is_some_and(|error| u32::try_from(error.extended_code).is_ok_and(is_code_of_unavailable)),
            Self::Postgres(error) => match error.code() {
                Some(state) => {
                    [
                        SqlState::READ_ONLY_SQL_TRANSACTION,
                        SqlState::LOCK_NOT_AVAILABLE,
                        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                    ]
                    .contains(state)
                        || UNAVAILABLE_CLASSES.iter().any(|class| state.code().starts_with(class))
                }
                None => is_of_connection(error),
            },
            Self::Aborted | Self::Null(_) | Self::Encode(_) => false,
        }
    }

    /// True if the file of SQLite is damaged, or is no database.
    pub fn is_corrupt(&self) -> bool {
        self.sqlite_code().is_some_and(|code| CORRUPT_CODES.contains(&(code & 0xff)))
    }

    fn sqlite_code(&self) -> Option<u32> {
        match self {
            Self::Sqlx(error) => error.as_database_error()?.code()?.parse().ok(),
            Self::Rusqlite(error) => u32::try_from(error.sqlite_error()?.extended_code).ok(),
            _ => None,
        }
    }

    /// True if a row with this key exists already.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Sqlx(error) => error.as_database_error().is_some_and(|error| error.is_unique_violation()),
            Self::Postgres(error) => error.code() == Some(&SqlState::UNIQUE_VIOLATION),
            _ => false,
        }
    }

    /// True if the connection is of no more use: it broke, the server is shutting down, or it is no longer
    /// the one that may write.
    pub(super) fn is_connection_failure(&self) -> bool {
        match self {
            Self::Postgres(error) => match error.code() {
                Some(state) => {
                    [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT]
                        .contains(state)
                        || state.code().starts_with("57P")
                        || state.code().starts_with("08")
                }
                None => is_of_connection(error),
            },
            _ => false,
        }
    }
}

/// An error that did not come from the server in answer to a statement.
fn is_of_connection(error: &tokio_postgres::Error) -> bool {
    use std::error::Error;
    error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn is_sqlite_unavailable(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)
    ) || error.as_database_error().is_some_and(|error| {
        error.code().and_then(|code| code.parse().ok()).is_some_and(is_code_of_unavailable)
    })
}

fn is_code_of_unavailable(code: u32) -> bool {
    UNAVAILABLE_CODES.contains(&(code & 0xff))
}

/// Why there is no connection to a database.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the file cannot be created, or its access not be restricted to this user")]
    File(#[from] io::Error),
    #[error("the file does not exist; is data_dir right?")]
    Missing,
    #[error("the certificates in {path} cannot be used")]
    Certificates { path: PathBuf, source: io::Error },
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    #[error("the pool of connections cannot be built")]
    Pool(#[from] deadpool_postgres::BuildError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for ConnectError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<rusqlite::Error> for ConnectError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}
