//! The `processes` table: the processes that serve, and the key that each of them signs cookies with.

use std::time::Duration;

use super::{Database, DatabaseError, Row, Statement};

use crate::server::domain::Timestamp;

/// A process that has not registered for this long does not serve any more.
pub const STALE_AFTER: Duration = Duration::from_secs(120);

const REGISTER: Statement = Statement::new(
    "INSERT INTO processes (id, fingerprint, seen_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO UPDATE SET fingerprint = $2, seen_at = $3",
);
const FINGERPRINTS: Statement =
    Statement::new("SELECT DISTINCT fingerprint FROM processes WHERE seen_at > $1 ORDER BY fingerprint");
const REMOVE: Statement = Statement::new("DELETE FROM processes WHERE id = $1 OR seen_at <= $2");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[REGISTER, FINGERPRINTS, REMOVE];

/// Says that a process serves, and which key it signs with.
///
/// # Errors
/// If the database fails.
pub async fn register(
    db: &Database,
    id: &str,
    fingerprint: &str,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    REGISTER.bind(id).bind(fingerprint).bind(now.millis()).execute(db.unsynced_writer()).await.map(drop)
}

/// The fingerprints of the keys that the processes that serve sign with.
///
/// # Errors
/// If the database fails.
pub async fn fingerprints(db: &Database, now: Timestamp) -> Result<Vec<String>, DatabaseError> {
    let rows = FINGERPRINTS.bind((now - STALE_AFTER).millis()).fetch_all(db.reader()).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Removes a process that stops, and those that do not serve any more.
///
/// # Errors
/// If the database fails.
pub async fn remove(db: &Database, id: &str, now: Timestamp) -> Result<(), DatabaseError> {
    REMOVE.bind(id).bind((now - STALE_AFTER).millis()).execute(db.unsynced_writer()).await.map(drop)
}
