//! The database: connect, migrate, query.
//!
//! SQL is written once for every database: `$1` placeholders, TEXT ids, BIGINT milliseconds.

pub mod accounts;
pub mod events;
mod migrate;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// How long a statement waits for a lock, and a request for a connection.
const PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// An SQLite database in write-ahead mode: one connection writes, several read beside it.
///
/// A second writer would only wait inside SQLite, and a transaction that begins by reading and
/// then writes fails at once instead of waiting; so all of them go through [`Database::begin`].
#[derive(Clone, Debug)]
pub struct Database {
    reader: SqlitePool,
    writer: SqlitePool,
    used: Arc<Used>,
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
    /// Opens `file`, creating it if need be, and brings its schema up to date.
    ///
    /// # Errors
    /// If the file cannot be opened or a migration fails; nothing is half-applied then.
    pub async fn open(file: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In this mode a power cut may lose the last commits, and never corrupts.
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(PATIENCE);
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        migrate::run(&writer).await?;
        let reader = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { reader, writer, used: Arc::default() })
    }

    /// For a single statement that only reads.
    pub fn reader(&self) -> &SqlitePool {
        self.used.reads.fetch_add(1, Ordering::Relaxed);
        &self.reader
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> &SqlitePool {
        self.used.writes.fetch_add(1, Ordering::Relaxed);
        &self.writer
    }

    /// For several statements that belong together. Dropped without `commit`, it rolls back.
    ///
    /// # Errors
    /// If the writer is not free in time.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer().begin_with("BEGIN IMMEDIATE").await
    }

    /// What the cost of a request can be told by.
    pub fn usage(&self) -> Usage {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Usage { reads: read(&self.used.reads), writes: read(&self.used.writes) }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.reader).await.map(drop)
    }

    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
