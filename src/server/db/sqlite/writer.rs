//! The connection that writes, and whether it waits for the disk.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::{Executor as _, Sqlite, SqlitePool, Transaction, pool::PoolConnection};

/// What becomes of a commit in a power cut. The database is never corrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It survives: the commit waits until the disk has it.
    Synced,
    /// It may be lost, with those before it that were not synced either.
    Unsynced,
}

impl Durability {
    fn pragma(self) -> &'static str {
        match self {
            Self::Synced => "PRAGMA synchronous = FULL",
            Self::Unsynced => "PRAGMA synchronous = NORMAL",
        }
    }
}

/// The one connection that writes.
#[derive(Clone, Debug)]
pub struct Writer {
    pool: SqlitePool,
    /// Spares a pragma before most statements. It may be wrong after one was given up midway, so nothing that has to
    /// be synced relies on it.
    is_unsynced: Arc<AtomicBool>,
}

impl Writer {
    /// `pool` has one connection.
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool, is_unsynced: Arc::default() }
    }

    /// The connection, for one statement.
    pub async fn acquire(&self, durability: Durability) -> Result<PoolConnection<Sqlite>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let unsynced = durability == Durability::Unsynced;
        if !unsynced || !self.is_unsynced.load(Ordering::Relaxed) {
            connection.execute(durability.pragma()).await?;
            self.is_unsynced.store(unsynced, Ordering::Relaxed);
        }
        Ok(connection)
    }

    /// Begins a transaction. One that begins by reading and then writes would fail at once if another writes. The
    /// pragma would have no effect within a transaction.
    pub async fn begin(&self, durability: Durability) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        let begin = match durability {
            Durability::Synced => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
            Durability::Unsynced => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
        };
        let transaction = self.pool.begin_with(begin).await?;
        self.is_unsynced.store(durability == Durability::Unsynced, Ordering::Relaxed);
        Ok(transaction)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}
