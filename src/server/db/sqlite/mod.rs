//! An SQLite database in write-ahead mode: one connection writes, several read at the same time.
//!
//! A second writer would only wait inside SQLite, and a transaction that begins by reading and then writes
//! fails at once instead of waiting; so all of them go through one connection.

mod hot_reader;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    Connection, Executor, SqlitePool,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
    },
};

pub use self::{
    hot_reader::HotReader,
    writer::{Durability, Writer},
};
use super::{
    error::ConnectError,
    statement::{Dialect, Parameter, Query},
};
use crate::server::private_files;

const READERS: u32 = 4;

/// The connections to an SQLite database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pub reader: SqlitePool,
    pub hot_reader: Arc<HotReader>,
    pub writer: Writer,
}

/// Whether a missing file is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMissing {
    Create,
    Fail,
}

impl Sqlite {
    /// Opens `file`. A statement waits for a lock, and a request for a connection, until `timeout`.
    pub async fn open(file: &Path, if_missing: IfMissing, timeout: Duration) -> Result<Self, ConnectError> {
        match if_missing {
            IfMissing::Create => create(file)?,
            IfMissing::Fail if !file.exists() => return Err(ConnectError::Missing),
            IfMissing::Fail => {}
        }
        let writer = Writer::new(connect(file, 1, false, timeout).await?);
        let reader = connect(file, READERS, true, timeout).await?;
        let hot_reader = Arc::new(HotReader::open(file)?);
        Ok(Self { reader, hot_reader, writer })
    }

    pub async fn close(&self) {
        self.hot_reader.close();
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Creates the database, for its owner alone.
fn create(file: &Path) -> Result<(), ConnectError> {
    private_files::create_file(file)?;
    // SQLite gives new ones the mode of the database. These may be left from before it was restricted.
    for suffix in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(suffix);
        if Path::new(&beside).exists() {
            private_files::restrict(Path::new(&beside))?;
        }
    }
    Ok(())
}

async fn connect(
    file: &Path,
    connections: u32,
    read_only: bool,
    timeout: Duration,
) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(read_only)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(timeout);
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(timeout)
        .test_before_acquire(false);
    if read_only { pool.connect_with(options).await } else { writable(pool).connect_with(options).await }
}

/// Keeps no connection that can never write again, so that a server goes on after the disk was full or read-only.
fn writable(pool: SqlitePoolOptions) -> SqlitePoolOptions {
    pool.after_connect(|connection, _| {
        // SQLite opens a file for reading alone if it cannot be written just now, and leaves it at that.
        Box::pin(async { connection.execute(sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK")).await.map(drop) })
    })
    .before_acquire(|connection, _| {
        // When the disk fails, SQLite has rolled back before sqlx does, which then believes itself in a transaction.
        let is_usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_usable) })
    })
}

/// The query with its parameters.
pub fn bound(query: Query) -> sqlx::query::Query<'static, sqlx::Sqlite, SqliteArguments> {
    let mut bound = sqlx::query(query.statement.text(Dialect::Sqlite));
    for parameter in query.parameters {
        bound = match parameter {
            Parameter::Text(text) => bound.bind(text),
            Parameter::Integer(integer) => bound.bind(integer),
        };
    }
    bound
}
