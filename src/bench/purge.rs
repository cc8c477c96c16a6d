//! A table full of expired sessions.

use vestibule::server::db::{Database, DatabaseError, Row, Statement};

/// All sessions that the benchmark has filled in: expired so long ago that they are removed.
const EXPIRE: Statement = Statement::new(
    "UPDATE sessions SET expires_at = 1, absolute_expires_at = 2, forgotten_at = 3 \
     WHERE account_id LIKE 'account-%'",
);
const COUNT: Statement = Statement::new("SELECT count(*) FROM sessions");

pub async fn expire_all(db: &Database) -> Result<(), DatabaseError> {
    EXPIRE.query().execute(db.writer()).await.map(drop)
}

pub async fn count(db: &Database) -> Result<i64, DatabaseError> {
    COUNT.query().fetch_all(db.reader()).await?.first().map_or(Ok(0), |row| row.integer(0))
}
