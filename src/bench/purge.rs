//! A table full of expired sessions.

use sqlx::Row;
use vestibule::server::db::Database;

/// All sessions that the benchmark has filled in: expired so long ago that they are removed.
const EXPIRE: &str = "UPDATE sessions SET expires_at = 1, absolute_expires_at = 2, forgotten_at = 3 \
    WHERE account_id LIKE 'account-%'";

pub async fn expire_all(db: &Database) -> Result<(), sqlx::Error> {
    sqlx::query(EXPIRE).execute(db.writer()).await.map(drop)
}

pub async fn count(db: &Database) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count(*) FROM sessions").fetch_one(db.reader()).await?.try_get(0)
}
