//! What is copied: seven tables, and how a batch of their rows is read from one database and inserted into
//! another.

use std::fmt;

use super::super::{Database, DatabaseError, Dialect, Row, Statement, Transaction};

/// Rows of a batch.
const BATCH: i64 = 1_000;

/// A table that is copied.
pub struct Table {
    pub name: &'static str,
    /// Comes before every key.
    pub start: &'static str,
    /// Returns how many rows there are, and the last key.
    extent: Statement,
    /// Of the first `$2` rows after the key `$1`: how many there are, the last key, and all of them as JSON.
    read: Statement,
    /// Inserts the rows of such JSON.
    insert: Statement,
}

/// Rows that follow each other.
pub struct Batch {
    pub rows: u64,
    pub last_key: String,
    json: String,
}

/// How much there is in a table.
pub struct Extent {
    pub rows: u64,
    pub last_key: Option<String>,
}

/// How many rows each table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts([u64; TABLES.len()]);

/// A table: its name, the start of its keys, a key as the parameter `$1`, and its columns, the key first.
macro_rules! table {
    ($table:literal, $start:literal, $parameter:literal, $key:literal $(, $column:literal)+) => {
        Table {
            name: $table,
            start: $start,
            extent: Statement::new(concat!("SELECT count(*), CAST(max(", $key, ") AS TEXT) FROM ", $table)),
            read: Statement::per_dialect(
                concat!(
                    "SELECT count(*), CAST(max(", $key, ") AS TEXT), json_group_array(json_object('",
                    $key, "', ", $key, $(", '", $column, "', ", $column,)+ ")) FROM (SELECT * FROM ", $table,
                    " WHERE ", $key, " > ", $parameter, " ORDER BY ", $key, " LIMIT $2)"
                ),
                concat!(
                    "SELECT count(*), CAST(max(", $key, ") AS TEXT), CAST(json_agg(batch) AS TEXT) FROM (SELECT ",
                    $key, $(", ", $column,)+ " FROM ", $table,
                    " WHERE ", $key, " > ", $parameter, " ORDER BY ", $key, " LIMIT $2) batch"
                ),
            ),
            insert: Statement::per_dialect(
                concat!(
                    "INSERT INTO ", $table, " (", $key, $(", ", $column,)+ ") SELECT value ->> '", $key, "'",
                    $(", value ->> '", $column, "'",)+ " FROM json_each($1)"
                ),
                concat!(
                    "INSERT INTO ", $table, " (", $key, $(", ", $column,)+ ") OVERRIDING SYSTEM VALUE SELECT ",
                    $key, $(", ", $column,)+ " FROM json_populate_recordset(NULL::", $table, ", $1::text::json)"
                ),
            ),
        }
    };
}

#[rustfmt::skip]
pub const TABLES: [Table; 7] = [
    table!("accounts", "", "$1",
        "id", "name", "email", "email_key", "password_hash", "admin", "created_at", "credentials",
        "email_verified_at", "disabled_at", "delete_at", "password_is_common", "password_is_blocked", "reviewed_at"),
    table!("registrations", "", "$1", "email_key", "email", "name", "password_hash", "created_at"),
    table!("mailed_tokens", "", "$1",
        "token_hash", "purpose", "subject", "account_id", "email", "email_key", "created_at", "expires_at"),
    table!("mails", "", "$1",
        "id", "content", "account_id", "recipient", "created_at", "attempts", "next_at", "error"),
    table!("sessions", "", "$1",
        "id_hash", "handle", "account_id", "methods", "credentials", "authenticated_at", "remembered",
        "user_agent", "address", "data", "created_at", "seen_at", "expires_at", "absolute_expires_at",
        "forgotten_at", "ended_at", "end_reason"),
    table!("ended_sessions", "", "$1", "id_hash", "end_reason", "forgotten_at"),
    EVENTS,
];

#[rustfmt::skip]
pub const EVENTS: Table =
    table!("events", "0", "CAST(CAST($1 AS TEXT) AS BIGINT)",
        "number", "at", "account_id", "session", "address", "user_agent", "kind", "details", "count", "last_at",
        "repeat_key");

/// All of an event, as one text.
const EVENT: Statement = Statement::new(
    "SELECT at || ' ' || kind || ' ' || details || ' ' || coalesce(account_id, '') || ' ' || \
     coalesce(session, '') || ' ' || address || ' ' || user_agent \
     FROM events WHERE number = CAST(CAST($1 AS TEXT) AS BIGINT)",
);
/// Changes whenever an event up to this one is removed, or a repeat of it counted.
const EVENTS_UP_TO: Statement = Statement::new(
    "SELECT count(*) || ' ' || coalesce(sum(count), 0) FROM events WHERE number <= CAST(CAST($1 AS TEXT) AS BIGINT)",
);
const CONTINUE_NUMBERS: Statement = Statement::only_postgres(
    "SELECT setval(pg_get_serial_sequence('events', 'number'), coalesce(max(number), 1), \
     max(number) IS NOT NULL) FROM events",
);
const CLEAR: Statement = Statement::per_dialect(
    "DELETE FROM accounts; DELETE FROM registrations; DELETE FROM mailed_tokens; DELETE FROM mails; \
     DELETE FROM sessions; DELETE FROM ended_sessions",
    "TRUNCATE accounts, registrations, mailed_tokens, mails, sessions, ended_sessions",
);

impl Table {
    pub async fn extent(&self, db: &Database) -> Result<Extent, DatabaseError> {
        let row = self.extent.query().fetch_optional(db.reader()).await?;
        let Some(row) = row else { return Ok(Extent { rows: 0, last_key: None }) };
        Ok(Extent { rows: row.integer(0)?.unsigned_abs(), last_key: row.text_or_null(1)? })
    }

    /// Reads the rows that come after a key; `None` if there are no more.
    pub async fn read(&self, db: &Database, after: &str) -> Result<Option<Batch>, DatabaseError> {
        let row = self.read.bind(after).bind(BATCH).fetch_optional(db.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let Some(last_key) = row.text_or_null(1)? else { return Ok(None) };
        Ok(Some(Batch { rows: row.integer(0)?.unsigned_abs(), last_key, json: row.text(2)? }))
    }

    pub async fn insert(&self, transaction: &mut Transaction, batch: &Batch) -> Result<(), DatabaseError> {
        self.insert.bind(batch.json.as_str()).execute(transaction).await.map(drop)
    }
}

impl Counts {
    pub async fn of(db: &Database) -> Result<Self, DatabaseError> {
        let mut counts = [0; TABLES.len()];
        for (count, table) in counts.iter_mut().zip(&TABLES) {
            *count = table.extent(db).await?.rows;
        }
        Ok(Self(counts))
    }

    pub fn are_zero(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (count, table)) in self.0.iter().zip(&TABLES).enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(formatter, "{separator}{count} in {}", table.name)?;
        }
        Ok(())
    }
}

/// The event with this number, as one text, and how many there are up to it.
pub async fn events_up_to(
    db: &Database,
    number: &str,
) -> Result<(Option<String>, Option<String>), DatabaseError> {
    let mut texts = [None, None];
    for (text, statement) in texts.iter_mut().zip([EVENT, EVENTS_UP_TO]) {
        let row = statement.bind(number).fetch_optional(db.reader()).await?;
        *text = row.map(|row| row.text(0)).transpose()?;
    }
    let [event, count] = texts;
    Ok((event, count))
}

/// Removes all rows of all tables but those of the audit log.
pub async fn clear(transaction: &mut Transaction, dialect: Dialect) -> Result<(), DatabaseError> {
    transaction.execute_script(CLEAR.text(dialect)).await
}

/// Removes the audit log, as is possible only in a database that is being copied to.
pub async fn clear_events(transaction: &mut Transaction) -> Result<(), DatabaseError> {
    transaction.execute_script("DELETE FROM events").await
}

/// Gives the next event the number after the last.
pub async fn continue_numbers(transaction: &mut Transaction) -> Result<(), DatabaseError> {
    CONTINUE_NUMBERS.query().fetch_all(transaction).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::Path};

    use super::*;
    use crate::server::config::Config;

    /// The others are about processes, about the schema, and about what was attempted in the last hours.
    const COLUMNS: Statement = Statement::new(
        "SELECT tables.name, columns.name FROM sqlite_schema tables, pragma_table_info(tables.name) columns \
         WHERE tables.type = 'table' \
         AND tables.name NOT IN ('leases', 'limits', 'processes', '_sqlx_migrations', 'sqlite_sequence')",
    );

    async fn columns(data_dir: &Path) -> Vec<(String, String)> {
        let config = Config::load(None, HashMap::new()).expect("the defaults");
        let db = Database::open_and_migrate(&config.database, data_dir).await.expect("a database");
        let rows = COLUMNS.query().fetch_all(db.reader()).await.expect("columns");
        rows.iter().map(|row| (row.text(0).expect("a table"), row.text(1).expect("a column"))).collect()
    }

    #[tokio::test]
    async fn every_column_of_every_table_is_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        for (table, column) in columns(folder.path()).await {
            let copied = TABLES.iter().find(|copied| copied.name == table).expect(&table);
            let insert = copied.insert.text(Dialect::Sqlite);
            assert!(insert.contains(&format!("value ->> '{column}'")), "{column} is missing: {insert}");
        }
    }
}
