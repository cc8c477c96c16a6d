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
    let migrations = MIGRATIONS.iter().map(|&(version, name, sql)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator { migrations: migrations.collect(), ..Migrator::DEFAULT };
    migrator.run(pool).await.map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}
