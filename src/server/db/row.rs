//! Rows: every column is TEXT or BIGINT, and is read by its number.

use sqlx::{Row as _, sqlite::SqliteRow};

use super::error::DatabaseError;

/// A row of a result.
pub trait Row {
    /// # Errors
    /// If the column is missing or not TEXT.
    fn text_or_null(&self, column: usize) -> Result<Option<String>, DatabaseError>;

    /// # Errors
    /// If the column is missing or not BIGINT.
    fn integer_or_null(&self, column: usize) -> Result<Option<i64>, DatabaseError>;

    /// # Errors
    /// If the column is missing, NULL or not TEXT.
    fn text(&self, column: usize) -> Result<String, DatabaseError> {
        self.text_or_null(column)?.ok_or(DatabaseError::Null(column))
    }

    /// # Errors
    /// If the column is missing, NULL or not BIGINT.
    fn integer(&self, column: usize) -> Result<i64, DatabaseError> {
        self.integer_or_null(column)?.ok_or(DatabaseError::Null(column))
    }
}

/// A row that no longer depends on the connection.
#[derive(Debug)]
pub enum OwnedRow {
    Sqlite(SqliteRow),
    Postgres(tokio_postgres::Row),
}

impl Row for OwnedRow {
    fn text_or_null(&self, column: usize) -> Result<Option<String>, DatabaseError> {
        match self {
            Self::Sqlite(row) => Ok(row.try_get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    fn integer_or_null(&self, column: usize) -> Result<Option<i64>, DatabaseError> {
        match self {
            Self::Sqlite(row) => Ok(row.try_get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

impl Row for rusqlite::Row<'_> {
    fn text_or_null(&self, column: usize) -> Result<Option<String>, DatabaseError> {
        Ok(self.get(column)?)
    }

    fn integer_or_null(&self, column: usize) -> Result<Option<i64>, DatabaseError> {
        Ok(self.get(column)?)
    }
}
