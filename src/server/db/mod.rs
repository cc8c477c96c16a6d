//! The database: connect, migrate, query.
//!
//! SQL is written once for every database: `$1` placeholders, TEXT ids, BIGINT milliseconds.

pub mod accounts;
pub mod events;
mod hot_reader;
mod migrate;

use std::{
    io,
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

pub use hot_reader::{HotReadError, HotReader};
pub use migrate::SchemaError;

use super::private_files;

/// How long a statement waits for a lock, and a request for a connection.
const TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// An SQLite database in write-ahead mode: one connection writes, several read at the same time.
///
/// A second writer would only wait inside SQLite, and a transaction that begins by reading and
/// then writes fails at once instead of waiting; so all of them go through [`Database::begin`].
#[derive(Clone, Debug)]
pub struct Database {
    reader: SqlitePool,
    hot_reader: Arc<HotReader>,
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

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the file cannot be created, or its access not be restricted to this user")]
    File(#[from] io::Error),
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error(transparent)]
    Rusqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl Database {
    /// Opens `file`, creating it if need be, and brings its schema up to date.
    ///
    /// # Errors
    /// If the file cannot be opened, a migration fails (nothing is half-applied then), or the schema is
    /// that of a newer version of this program.
    pub async fn open_and_migrate(file: &Path) -> Result<Self, OpenError> {
        private_files::create_file(file)?;
        // SQLite gives new ones the mode of the database. These may be left from before it was restricted.
        for suffix in ["-wal", "-shm"] {
            let mut beside = file.as_os_str().to_owned();
            beside.push(suffix);
            if Path::new(&beside).exists() {
                private_files::restrict(Path::new(&beside))?;
            }
        }
        let writer = connect(file, 1, false).await?;
        migrate::run(&writer).await?;
        Self::with_writer(file, writer).await
    }

    /// Opens `file` without changing its schema: for commands that run while a server does, perhaps of
    /// another version.
    ///
    /// # Errors
    /// If the file cannot be opened, or its schema is not that of this version.
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        let writer = connect(file, 1, false).await?;
        migrate::check(&writer).await?;
        Self::with_writer(file, writer).await
    }

    async fn with_writer(file: &Path, writer: SqlitePool) -> Result<Self, OpenError> {
        let reader = connect(file, READERS, true).await?;
        let hot_reader = Arc::new(HotReader::open(file)?);
        Ok(Self { reader, hot_reader, writer, used: Arc::default() })
    }

    /// For a single statement that only reads.
    pub fn reader(&self) -> &SqlitePool {
        self.used.reads.fetch_add(1, Ordering::Relaxed);
        &self.reader
    }

    /// For the one statement that every page runs.
    pub fn hot_reader(&self) -> &HotReader {
        self.used.reads.fetch_add(1, Ordering::Relaxed);
        &self.hot_reader
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

    /// For measuring what a request costs.
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
        self.hot_reader.close();
        self.reader.close().await;
        self.writer.close().await;
    }
}

async fn connect(file: &Path, connections: u32, read_only: bool) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(read_only)
        .journal_mode(SqliteJournalMode::Wal)
        // In this mode a power cut may lose the last commits, and never corrupts.
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(TIMEOUT);
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TIMEOUT)
        .test_before_acquire(false)
        .connect_with(options)
        .await
}
