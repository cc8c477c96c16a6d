//! A copy of an SQLite database while servers write to it, and whether a database is intact.

use std::path::Path;

use super::{Database, DatabaseError, Row, Statement};

/// What one transaction sees, in one file without a write-ahead log. Triggers are copied last, so none runs.
const VACUUM_INTO: Statement = Statement::per_dialect("VACUUM INTO $1", "");
/// Answers `ok`, or with the first thing that is wrong.
const QUICK_CHECK: Statement = Statement::per_dialect("PRAGMA quick_check(1)", "");

impl Database {
    /// Writes all that is committed to `file`, which is empty. PostgreSQL has `pg_dump` for it, and nothing is written.
    ///
    /// # Errors
    /// If the database fails, or the file cannot be written.
    pub async fn vacuum_into(&self, file: &Path) -> Result<(), DatabaseError> {
        VACUUM_INTO.bind(&*file.to_string_lossy()).fetch_all(self.reader()).await.map(drop)
    }

    /// Whether the files of SQLite are intact. PostgreSQL looks after its own.
    ///
    /// # Errors
    /// If the database fails, also [because it is corrupt](DatabaseError::is_corrupt).
    pub async fn is_intact(&self) -> Result<bool, DatabaseError> {
        let rows = QUICK_CHECK.query().fetch_all(self.reader()).await?;
        Ok(rows.iter().map(|row| row.text(0)).all(|answer| answer.is_ok_and(|answer| answer == "ok")))
    }
}
