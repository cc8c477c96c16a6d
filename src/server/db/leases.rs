//! The `leases` table: which process does a task that only one process at a time may do.

use std::time::Duration;

use super::{Database, DatabaseError, Statement};
use crate::server::domain::Timestamp;

const ACQUIRE: Statement = Statement::new(
    "INSERT INTO leases (task, process, expires_at) VALUES ($1, $2, $3) \
     ON CONFLICT (task) DO UPDATE SET process = $2, expires_at = $3 \
     WHERE leases.process = $2 OR leases.expires_at <= $4 OR leases.expires_at > $5",
);
const RELEASE: Statement = Statement::new("DELETE FROM leases WHERE task = $1 AND process = $2");
const RELEASE_ALL: Statement = Statement::new("DELETE FROM leases WHERE process = $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[ACQUIRE, RELEASE, RELEASE_ALL];

/// Takes or renews the lease of a task; `false` if another process has it. It is free again when its holder has
/// not renewed it for `duration`, and if it lasts longer than any can: the clock was set back.
///
/// # Errors
/// If the database fails.
pub async fn acquire(
    db: &Database,
    task: &str,
    process: &str,
    now: Timestamp,
    duration: Duration,
) -> Result<bool, DatabaseError> {
    let acquired = ACQUIRE
        .bind(task)
        .bind(process)
        .bind((now + duration).millis())
        .bind(now.millis())
        .bind((now + 2 * duration).millis())
        .execute(db.unsynced_writer())
        .await?;
    Ok(acquired == 1)
}

/// Gives the lease of a task back.
///
/// # Errors
/// If the database fails.
pub async fn release(db: &Database, task: &str, process: &str) -> Result<(), DatabaseError> {
    RELEASE.bind(task).bind(process).execute(db.unsynced_writer()).await.map(drop)
}

/// Gives all leases of a process back.
///
/// # Errors
/// If the database fails.
pub async fn release_all(db: &Database, process: &str) -> Result<(), DatabaseError> {
    RELEASE_ALL.bind(process).execute(db.unsynced_writer()).await.map(drop)
}
