//! Sessions in the database.

use async_trait::async_trait;
use tokio_postgres::error::SqlState;
use vestibule::server::db::{Database, DatabaseError, Dialect, Row, Statement};

use super::{StoredRecord, StoredSessions};

const ALL: Statement = Statement::new(
    "SELECT id_hash, handle, data, created_at, seen_at, absolute_expires_at, end_reason FROM sessions",
);
const IDS: Statement = Statement::new("SELECT id_hash FROM sessions");
const REMOVE_ALL: Statement = Statement::new("DELETE FROM sessions");
const POSTGRES_TABLES: Statement =
    Statement::only_postgres("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'");

#[async_trait]
impl StoredSessions for Database {
    async fn all(&self) -> Vec<StoredRecord> {
        let rows = ALL.query().fetch_all(self.reader()).await.expect("sessions");
        rows.iter().map(|row| record(row).expect("a session")).collect()
    }

    async fn count(&self) -> usize {
        IDS.query().fetch_all(self.reader()).await.expect("sessions").len()
    }

    async fn remove_all(&self) {
        REMOVE_ALL.query().execute(self.writer()).await.expect("removed");
    }

    async fn damage(&self, column: &str, text: &str) -> bool {
        let damage = match self.dialect() {
            // SQLite keeps what it cannot convert to the type of the column.
            Dialect::Sqlite => statement(format!("UPDATE sessions SET {column} = $1")).bind(text),
            // PostgreSQL converts a literal, and no parameter.
            Dialect::Postgres => {
                statement(format!("UPDATE sessions SET {column} = '{}'", text.replace('\'', "''"))).query()
            }
        };
        match damage.execute(self.writer()).await {
            Ok(_) => true,
            Err(DatabaseError::Postgres(error)) if is_refusal(error.code()) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Of a value that the column cannot hold: the class of data exceptions.
fn is_refusal(code: Option<&SqlState>) -> bool {
    code.is_some_and(|code| code.code().starts_with("22"))
}

/// All rows of all tables of a PostgreSQL database. Bytes are in hexadecimal digits.
pub async fn text_of_all_tables(db: &Database) -> String {
    let mut text = String::new();
    for table in POSTGRES_TABLES.query().fetch_all(db.reader()).await.expect("tables") {
        let name = table.text(0).expect("a name");
        let rows = statement(format!("SELECT {name}::text FROM {name}"));
        for row in rows.query().fetch_all(db.reader()).await.expect("rows") {
            text += &row.text(0).expect("text");
        }
    }
    text
}

fn record(row: &impl Row) -> Result<StoredRecord, DatabaseError> {
    Ok(StoredRecord {
        id_hash: row.text(0)?,
        handle: row.text(1)?,
        values: serde_json::from_str(&row.text(2)?)?,
        created_at: row.integer(3)?,
        seen_at: row.integer(4)?,
        absolute_expires_at: row.integer(5)?,
        end_reason: row.text_or_null(6)?,
    })
}

/// A statement that is put together from parts. A test can spare the memory of its text.
pub fn statement(sql: String) -> Statement {
    Statement::new(sql.leak())
}
