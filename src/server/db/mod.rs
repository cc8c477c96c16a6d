//! The database: connect, migrate, query.
//!
//! SQL is written once for every database: `$1` placeholders, TEXT ids, BIGINT milliseconds.

pub mod accounts;
mod migrate;

use std::{path::Path, time::Duration};

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
        Ok(Self { reader, writer })
    }

    /// For statements that only read.
    pub fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// For a single statement that writes.
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// For several statements that belong together. Dropped without `commit`, it rolls back.
    ///
    /// # Errors
    /// If the writer is not free in time.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
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
