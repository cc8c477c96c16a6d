//! The `limits` table: how often something was attempted lately, shared by all processes.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::Timestamp;

/// Rows removed at a time.
const PURGE_BATCH: i64 = 500;

const FIND: Statement = Statement::new("SELECT empty_at, next_at FROM limits WHERE key = $1");
/// Makes the row if there is none, and locks it either way.
const LOCK: Statement = Statement::new(
    "INSERT INTO limits (key, empty_at, next_at) VALUES ($1, 0, 0) \
     ON CONFLICT (key) DO UPDATE SET next_at = limits.next_at RETURNING empty_at, next_at",
);
const SAVE: Statement = Statement::new("UPDATE limits SET empty_at = $2, next_at = $3 WHERE key = $1");
const REMOVE: Statement = Statement::new("DELETE FROM limits WHERE key = $1");
const PURGE: Statement = Statement::per_dialect(
    "DELETE FROM limits WHERE key IN \
     (SELECT key FROM limits WHERE empty_at <= $1 ORDER BY empty_at LIMIT $2)",
    "DELETE FROM limits WHERE key = ANY (ARRAY\
     (SELECT key FROM limits WHERE empty_at <= $1 ORDER BY empty_at LIMIT $2 FOR UPDATE SKIP LOCKED))",
);
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[FIND, LOCK, SAVE, REMOVE, PURGE];

/// What is stored for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Each attempt moves this on; from then on nothing is counted any more.
    pub empty_at: Timestamp,
    /// The next attempt must wait until then.
    pub next_at: Timestamp,
}

impl Counter {
    /// Nothing was attempted.
    pub const EMPTY: Self = Self { empty_at: Timestamp::from_millis(0), next_at: Timestamp::from_millis(0) };

    fn read(row: &dyn Row) -> Result<Self, DatabaseError> {
        let time = |column| row.integer(column).map(Timestamp::from_millis);
        Ok(Self { empty_at: time(0)?, next_at: time(1)? })
    }
}

/// Reads a counter; nobody waits for it.
///
/// # Errors
/// If the database fails.
pub async fn find(db: &Database, key: &str) -> Result<Counter, DatabaseError> {
    db.find(FIND, &[key], |row| Counter::read(row)).await?.unwrap_or(Ok(Counter::EMPTY))
}

/// Reads a counter that is about to change: others wait until the transaction ends. Several are to be locked in
/// the order of their keys.
///
/// # Errors
/// If the database fails.
pub async fn lock(transaction: &mut Transaction, key: &str) -> Result<Counter, DatabaseError> {
    let row = LOCK.bind(key).fetch_optional(transaction).await?;
    row.map_or(Ok(Counter::EMPTY), |row| Counter::read(&row))
}

/// # Errors
/// If the database fails.
pub async fn save(transaction: &mut Transaction, key: &str, counter: Counter) -> Result<(), DatabaseError> {
    let query = SAVE.bind(key).bind(counter.empty_at.millis()).bind(counter.next_at.millis());
    query.execute(transaction).await.map(drop)
}

/// # Errors
/// If the database fails.
pub async fn remove(transaction: &mut Transaction, key: &str) -> Result<(), DatabaseError> {
    REMOVE.bind(key).execute(transaction).await.map(drop)
}

/// Removes a batch of the rows that say nothing any more; `false` if there are no more of them.
///
/// # Errors
/// If the database fails.
pub async fn purge(db: &Database, now: Timestamp) -> Result<bool, DatabaseError> {
    let removed = PURGE.bind(now.millis()).bind(PURGE_BATCH).execute(db.writer()).await?;
    Ok(removed >= PURGE_BATCH.unsigned_abs())
}
