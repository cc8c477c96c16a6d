//! Migrations, compiled into the program. Only `serve` and `migrate` apply them: a command of a newer
//! version must not change the schema under a server of an older one.
//!
//! A migration is one file for both databases; a line that ends in `-- sqlite` or `-- postgres` is for that one
//! alone. They only add, so that the processes of the release before work on while the next is rolled out.

use std::cmp::Ordering;

use sha2::{Digest, Sha384};

use super::{Database, DatabaseError, Dialect, Row, Statement, Transaction};

const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "accounts", sql: include_str!("migrations/0001_accounts.sql") },
    Migration { version: 2, name: "sessions", sql: include_str!("migrations/0002_sessions.sql") },
    Migration {
        version: 3,
        name: "endings and events",
        sql: include_str!("migrations/0003_endings_and_events.sql"),
    },
    Migration { version: 4, name: "expiry by kind", sql: include_str!("migrations/0004_expiry_by_kind.sql") },
    Migration { version: 5, name: "processes", sql: include_str!("migrations/0005_processes.sql") },
    Migration {
        version: 6,
        name: "event retention",
        sql: include_str!("migrations/0006_event_retention.sql"),
    },
    Migration { version: 7, name: "limits", sql: include_str!("migrations/0007_limits.sql") },
    Migration {
        version: 8,
        name: "mail and accounts",
        sql: include_str!("migrations/0008_mail_and_accounts.sql"),
    },
];

const HAS_TABLE: Statement = Statement::per_dialect(
    "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'",
    "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
);
/// The table that sqlx's migrator made for earlier versions of this program.
const CREATE_TABLE: Statement = Statement::per_dialect(
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL \
     DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL \
     DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL)",
);
const APPLIED: Statement = Statement::per_dialect(
    "SELECT version, lower(hex(checksum)) FROM _sqlx_migrations WHERE success ORDER BY version",
    "SELECT version, encode(checksum, 'hex') FROM _sqlx_migrations WHERE success ORDER BY version",
);
const RECORD: Statement = Statement::per_dialect(
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, unhex($3), 0)",
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, $2, TRUE, decode($3, 'hex'), 0)",
);
/// Processes migrate one after another, however long it takes.
const LOCK: Statement = Statement::only_postgres(
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
     SELECT pg_advisory_xact_lock(hashtext('vestibule migrations'))",
);

#[derive(Debug)]
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

impl Migration {
    /// Its lines for one of the two databases.
    fn sql_for(&self, dialect: Dialect) -> String {
        let (own, other) = match dialect {
            Dialect::Sqlite => (" -- sqlite", " -- postgres"),
            Dialect::Postgres => (" -- postgres", " -- sqlite"),
        };
        let lines = self.sql.split_inclusive('\n').filter(|line| !line.trim_end().ends_with(other));
        lines.map(|line| line.replace(own, "")).collect()
    }

    fn checksum(&self, dialect: Dialect) -> String {
        Sha384::digest(self.sql_for(dialect)).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Why the schema of a database does not fit this program.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("its schema is older than this program: run `vestibule migrate`, or `vestibule serve`, first")]
    Older,
    #[error(
        "its schema is newer than this program, so a newer version of the program has migrated it: use that version"
    )]
    Newer,
    #[error("its schema was made by another program: migration {0} is not the one that this program has")]
    Different(i64),
    #[error("its schema cannot be read")]
    Unreadable(#[source] DatabaseError),
    #[error("a migration failed; nothing of it was applied")]
    Migration(#[source] DatabaseError),
}

/// Applies the migrations that are missing, all of them or none.
pub async fn run(db: &Database) -> Result<(), SchemaError> {
    match check(db).await {
        Err(SchemaError::Older) => {
            apply(db, MIGRATIONS).await?;
            check(db).await // a newer release may have been faster
        }
        checked => checked,
    }
}

/// Compares the schema with the one that this program works with; changes nothing.
pub async fn check(db: &Database) -> Result<(), SchemaError> {
    let is_migrated = async {
        let rows = HAS_TABLE.query().fetch_all(db.reader()).await?;
        rows.first().map_or(Ok(0), |row| row.integer(0))
    };
    if is_migrated.await.map_err(SchemaError::Unreadable)? == 0 {
        return Err(SchemaError::Older);
    }
    let applied = async {
        let rows = APPLIED.query().fetch_all(db.reader()).await?;
        rows.iter().map(|row| Ok((row.integer(0)?, row.text(1)?))).collect::<Result<Vec<_>, DatabaseError>>()
    };
    let applied = applied.await.map_err(SchemaError::Unreadable)?;
    for (migration, (version, checksum)) in MIGRATIONS.iter().zip(&applied) {
        if migration.version != *version || migration.checksum(db.dialect()) != *checksum {
            return Err(SchemaError::Different(*version));
        }
    }
    match applied.len().cmp(&MIGRATIONS.len()) {
        Ordering::Less => Err(SchemaError::Older),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(SchemaError::Newer),
    }
}

async fn apply(db: &Database, migrations: &[Migration]) -> Result<(), SchemaError> {
    let applied = async {
        let mut transaction = db.begin().await?;
        transaction.execute_script(LOCK.text(db.dialect())).await?;
        let first = first_missing(&mut transaction).await?;
        for migration in migrations.iter().filter(|migration| migration.version >= first) {
            transaction.execute_script(&migration.sql_for(db.dialect())).await?;
            RECORD
                .bind(migration.version)
                .bind(migration.name)
                .bind(migration.checksum(db.dialect()))
                .execute(&mut transaction)
                .await?;
        }
        transaction.commit().await
    };
    applied.await.map_err(SchemaError::Migration)
}

/// The version of the first migration that was not applied, now that no other process migrates.
async fn first_missing(transaction: &mut Transaction) -> Result<i64, DatabaseError> {
    let table = HAS_TABLE.query().fetch_optional(&mut *transaction).await?;
    if table.map_or(Ok(0), |row| row.integer(0))? == 0 {
        CREATE_TABLE.query().execute(transaction).await?;
        return Ok(0);
    }
    let rows = APPLIED.query().fetch_all(transaction).await?;
    rows.last().map_or(Ok(0), |row| Ok(row.integer(0)? + 1))
}
