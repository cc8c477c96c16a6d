//! The database of the application, whichever it is.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    error::{ConnectError, DatabaseError},
    executor::{Executor, Transaction},
    postgres::Postgres,
    row::Row,
    sqlite::{Durability, IfMissing, Sqlite},
    statement::{Dialect, Statement},
};
use crate::server::config::{DatabaseConfig, DatabaseLocation};

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

impl Database {
    /// Connects; the schema is as it is.
    pub(super) async fn connect(
        config: &DatabaseConfig,
        data_dir: &Path,
        if_missing: IfMissing,
    ) -> Result<Self, ConnectError> {
        let backend = match config.location(data_dir)? {
            DatabaseLocation::Sqlite(file) => {
                Backend::Sqlite(Sqlite::open(&file, if_missing, config.statement_timeout).await?)
            }
            DatabaseLocation::Postgres(url) => Backend::Postgres(Postgres::new(&url, config)?),
        };
        Ok(Self { backend, used: Arc::default() })
    }

    /// The same database, for what goes on beside requests: [`usage`](Self::usage) does not count it.
    pub fn for_background(&self) -> Self {
        Self { backend: self.backend.clone(), used: Arc::default() }
    }

    /// For a single statement that only reads.
    pub fn reader(&self) -> Executor<'_> {
        self.used.reads.fetch_add(1, Ordering::Relaxed);
        match &self.backend {
            Backend::Sqlite(sqlite) => Executor::SqlitePool(&sqlite.reader),
            Backend::Postgres(postgres) => Executor::PostgresReader(postgres),
        }
    }

    /// For a single statement that writes. What it writes survives a power cut.
    pub fn writer(&self) -> Executor<'_> {
        self.writer_with(Durability::Synced)
    }

    /// For a single statement that writes what no one was told, and what may be lost in a power cut: SQLite does
    /// not wait for the disk. (PostgreSQL waits, as it is configured.)
    pub fn unsynced_writer(&self) -> Executor<'_> {
        self.writer_with(Durability::Unsynced)
    }

    fn writer_with(&self, durability: Durability) -> Executor<'_> {
        self.used.writes.fetch_add(1, Ordering::Relaxed);
        match &self.backend {
            Backend::Sqlite(sqlite) => Executor::SqliteWriter(&sqlite.writer, durability),
            Backend::Postgres(postgres) => Executor::PostgresWriter(postgres),
        }
    }

    /// For the statements that pages run all the time: finds a row by parameters that are text, and that appear in the
    /// statement in their order. In SQLite it is read on the calling thread.
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

    /// For several statements that belong together. Once `commit` has returned they survive a power cut. Dropped
    /// without `commit`, it rolls back.
    ///
    /// # Errors
    /// If the database fails, or the writer is not free in time.
    pub async fn begin(&self) -> Result<Transaction, DatabaseError> {
        self.begin_with(Durability::Synced).await
    }

    /// The same for what no one was told, and what may be lost in a power cut.
    ///
    /// # Errors
    /// If the database fails, or the writer is not free in time.
    pub async fn begin_unsynced(&self) -> Result<Transaction, DatabaseError> {
        self.begin_with(Durability::Unsynced).await
    }

    async fn begin_with(&self, durability: Durability) -> Result<Transaction, DatabaseError> {
        self.used.writes.fetch_add(1, Ordering::Relaxed);
        Ok(match &self.backend {
            Backend::Sqlite(sqlite) => Transaction::Sqlite(sqlite.writer.begin(durability).await?),
            Backend::Postgres(postgres) => Transaction::Postgres(Box::new(postgres.begin().await?)),
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
