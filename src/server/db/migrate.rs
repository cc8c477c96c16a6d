//! Migrations, compiled into the program.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
};

const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("migrations/0001_accounts.sql")),
    (2, "sessions", include_str!("migrations/0002_sessions.sql")),
    (3, "endings and events", include_str!("migrations/0003_endings_and_events.sql")),
];

pub async fn run(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    apply(MIGRATIONS, pool).await
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
    use sqlx::Row;

    use super::*;

    #[tokio::test]
    async fn sessions_of_an_older_version_live_on() {
        let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.expect("a database");
        apply(&MIGRATIONS[..2], &pool).await.expect("the older version");
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
