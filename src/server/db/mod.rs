//! The database: connect, migrate, query. SQLite or PostgreSQL.
//!
//! SQL is written once for both: `$1` placeholders, TEXT ids, BIGINT milliseconds. Where they differ, a
//! [`Statement`] has both texts beside each other, and a line of a migration says which it is for.

mod account_lock;
pub mod accounts;
pub mod copy;
pub mod ended_sessions;
mod error;
pub mod events;
mod executor;
pub mod leases;
mod migrate;
mod postgres;
pub mod processes;
mod row;
mod sqlite;
mod statement;

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub use self::{
    account_lock::lock_account,
    error::DatabaseError,
    executor::{Executor, Transaction},
    migrate::SchemaError,
    row::{OwnedRow, Row},
    statement::{Dialect, Parameter, Query, Statement},
};
use self::{
    postgres::Postgres,
    sqlite::{IfMissing, Sqlite},
};
use super::config::{ConfigError, DatabaseConfig, DatabaseLocation};

const PING: Statement = Statement::new("SELECT 1");

/// The database of the application.
#[derive(Clone, Debug)]
pub struct Database {
    backend: Backend,
    used: Arc<Used>,
}

#[derive(Clone, Debug)]
enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

#[derive(Debug, Default)]
struct Used {
    reads: AtomicU64,
    writes: AtomicU64,
}

/// How often a database was asked, since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Statements that only read.
    pub reads: u64,
    /// Statements that write, and transactions.
    pub writes: u64,
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
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
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Database {
    /// Opens the database, creating a file of SQLite if need be, and brings its schema up to date.
    ///
    /// # Errors
    /// If it cannot be reached, a migration fails (nothing is half-applied then), or the schema is that of a
    /// newer version of this program.
    pub async fn open_and_migrate(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, OpenError> {
        let db = Self::connect(config, data_dir, IfMissing::Create).await?;
        migrate::run(&db).await?;
        Ok(db)
    }

    /// Opens the database without changing its schema: for commands that run while a server does, perhaps of
    /// another version.
    ///
    /// # Errors
    /// If it cannot be reached, or its schema is not that of this version.
    pub async fn open(config: &DatabaseConfig, data_dir: &Path) -> Result<Self, OpenError> {
        let db = Self::connect(config, data_dir, IfMissing::Fail).await?;
        migrate::check(&db).await?;
        Ok(db)
    }

    async fn connect(
        config: &DatabaseConfig,
        data_dir: &Path,
        if_missing: IfMissing,
    ) -> Result<Self, OpenError> {
        let backend = match config.location(data_dir)? {
            DatabaseLocation::Sqlite(file) => {
                Backend::Sqlite(Sqlite::open(&file, if_missing, config.statement_timeout).await?)
            }
            DatabaseLocation::Postgres(url) => Backend::Postgres(Postgres::new(&url, config)?),
        };
        Ok(Self { backend, used: Arc::default() })
    }

    /// For a single statement that only reads.
    pub fn reader(&self) -> Executor<'_> {
        self.used.reads.fetch_add(1, Ordering::Relaxed);
        match &self.backend {
            Backend::Sqlite(sqlite) => Executor::SqlitePool(&sqlite.reader),
            Backend::Postgres(postgres) => Executor::PostgresReader(postgres),
        }
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> Executor<'_> {
        self.used.writes.fetch_add(1, Ordering::Relaxed);
        match &self.backend {
            Backend::Sqlite(sqlite) => Executor::SqlitePool(&sqlite.writer),
            Backend::Postgres(postgres) => Executor::PostgresWriter(postgres),
        }
    }

    /// For the statements that pages run all the time: finds a row by parameters that are text. In SQLite it is
    /// read on the calling thread.
    ///
    /// # Errors
    /// If the database fails or is closed.
    pub async fn find<T>(
        &self,
        statement: Statement,
        parameters: &[&str],
        read: impl FnOnce(&dyn Row) -> T + Send,
    ) -> Result<Option<T>, DatabaseError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => {
                self.used.reads.fetch_add(1, Ordering::Relaxed);
                sqlite.hot_reader.find(statement.text(Dialect::Sqlite), parameters, |row| read(row))
            }
            Backend::Postgres(_) => {
                let query =
                    parameters.iter().fold(statement.query(), |query, parameter| query.bind(*parameter));
                Ok(query.fetch_optional(self.reader()).await?.map(|row| read(&row)))
            }
        }
    }

    /// For several statements that belong together. Dropped without `commit`, it rolls back.
    ///
    /// # Errors
    /// If the database fails, or the writer is not free in time.
    pub async fn begin(&self) -> Result<Transaction, DatabaseError> {
        self.used.writes.fetch_add(1, Ordering::Relaxed);
        Ok(match &self.backend {
            // A transaction that begins by reading and then writes would fail at once if another writes.
            Backend::Sqlite(sqlite) => {
                Transaction::Sqlite(sqlite.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Backend::Postgres(postgres) => Transaction::Postgres(postgres.begin().await?),
        })
    }

    pub fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// For measuring what a request costs.
    pub fn usage(&self) -> Usage {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Usage { reads: read(&self.used.reads), writes: read(&self.used.writes) }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        PING.query().fetch_all(self.reader()).await.map(drop)
    }

    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
            Backend::Postgres(postgres) => postgres.close(),
        }
    }
}
