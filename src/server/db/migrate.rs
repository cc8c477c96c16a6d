//! Migrations, compiled into the program. Only `serve` and `migrate` apply them: a command of a newer
//! version must not change the schema under a server of an older one.

use std::{borrow::Cow, cmp::Ordering, time::Duration};

use sqlx::{
    Row, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("migrations/0001_accounts.sql")),
    (2, "sessions", include_str!("migrations/0002_sessions.sql")),
    (3, "endings and events", include_str!("migrations/0003_endings_and_events.sql")),
    (4, "expiry by kind", include_str!("migrations/0004_expiry_by_kind.sql")),
];

/// How long to wait for another process that migrates.
const OTHER_PROCESS_INTERVAL: Duration = Duration::from_millis(200);
const OTHER_PROCESS_CHECKS: u32 = 25;

const APPLIED: &str = "SELECT max(version) FROM _sqlx_migrations WHERE success";
const IS_EMPTY: &str = "SELECT count(*) = 0 FROM sqlite_schema WHERE name = '_sqlx_migrations'";

/// Why the schema of a database does not fit this program.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("its schema is older than this program: run `vestibule migrate`, or `vestibule serve`, first")]
    Older,
    #[error(
        "its schema is newer than this program, so a newer version of the program has migrated it: use that version"
    )]
    Newer,
    #[error("its schema cannot be read")]
    Unreadable(#[from] sqlx::Error),
    #[error("a migration failed; nothing of it was applied")]
    Migration(#[source] sqlx::Error),
}

/// Applies the migrations that are missing.
pub async fn run(pool: &SqlitePool) -> Result<(), SchemaError> {
    match check(pool).await {
        Ok(()) => Ok(()),
        Err(SchemaError::Older) => migrate(pool).await,
        Err(error) => Err(error),
    }
}

/// Two processes may migrate at once. The slower one fails, and waits for the other to be done.
async fn migrate(pool: &SqlitePool) -> Result<(), SchemaError> {
    let Err(error) = apply(MIGRATIONS, pool).await else { return Ok(()) };
    for _ in 0..OTHER_PROCESS_CHECKS {
        tokio::time::sleep(OTHER_PROCESS_INTERVAL).await;
        if check(pool).await.is_ok() {
            return Ok(());
        }
    }
    Err(SchemaError::Migration(error))
}

/// Compares the schema with the one that this program works with; changes nothing.
pub async fn check(pool: &SqlitePool) -> Result<(), SchemaError> {
    if sqlx::query(IS_EMPTY).fetch_one(pool).await?.try_get(0)? {
        return Err(SchemaError::Older);
    }
    let applied: Option<i64> = sqlx::query(APPLIED).fetch_one(pool).await?.try_get(0)?;
    let newest = MIGRATIONS.last().map(|(version, ..)| *version);
    match applied.cmp(&newest) {
        Ordering::Less => Err(SchemaError::Older),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(SchemaError::Newer),
    }
}

async fn apply(
    migrations: &[(i64, &'static str, &'static str)],
    pool: &SqlitePool,
) -> Result<(), sqlx::Error> {
    let migrations = migrations.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator { migrations: migrations.collect(), ..Migrator::DEFAULT };
    migrator.run(pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_schema_is_left_alone() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.expect("a database");
        assert!(matches!(check(&pool).await, Err(SchemaError::Older)), "nothing there yet");
        run(&pool).await.expect("migrated");
        check(&pool).await.expect("this version");
        run(&pool).await.expect("nothing to do");
        let newer = "UPDATE _sqlx_migrations SET version = version + 1 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
        sqlx::query(newer).execute(&pool).await.expect("changed");
        assert!(matches!(check(&pool).await, Err(SchemaError::Newer)));
        assert!(matches!(run(&pool).await, Err(SchemaError::Newer)));
    }

    #[tokio::test]
    async fn sessions_of_an_older_version_live_on() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.expect("a database");
        apply(&MIGRATIONS[..2], &pool).await.expect("the older version");
        assert!(matches!(check(&pool).await, Err(SchemaError::Older)));
        for statement in [
            "INSERT INTO accounts VALUES ('a', 'Ada', 'ada@example.org', 'ada@example.org', '-', 0, 1)",
            "INSERT INTO sessions VALUES ('h', 'n', 'a', 'pwd', 1, 0, 'ua', '::1', '{}', 1, 2, 3, 4, NULL, NULL)",
            "INSERT INTO sessions VALUES ('i', 'm', NULL, '', NULL, 0, 'ua', '::1', '{}', 1, 2, 3, 4, NULL, NULL)",
        ] {
            sqlx::query(statement).execute(&pool).await.expect(statement);
        }

        run(&pool).await.expect("this version");

        let sql = "SELECT id_hash, absolute_expires_at, forgotten_at, sessions.credentials = accounts.credentials \
            FROM sessions LEFT JOIN accounts ON accounts.id = account_id ORDER BY id_hash";
        let rows = sqlx::query(sql).fetch_all(&pool).await.expect("rows");
        let rows: Vec<(String, i64, i64, Option<bool>)> =
            rows.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
        let kept = 3 + 7 * 24 * 60 * 60 * 1000;
        assert_eq!(rows, [("h".to_owned(), 4, kept, Some(true)), ("i".to_owned(), 4, 3, None)]);
    }
}
