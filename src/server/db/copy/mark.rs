//! The mark of a database that is being copied to: a row in `leases` that does not expire. It is there before
//! the first row is copied, and until all of them are there.

use super::super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::Timestamp;

const FIND: Statement = Statement::new("SELECT process FROM leases WHERE task = 'copy'");
const SET: Statement = Statement::new(
    "INSERT INTO leases (task, process, expires_at) VALUES ('copy', $1, 9223372036854775807) \
     ON CONFLICT (task) DO UPDATE SET process = $1",
);
/// Changes nothing, but until the transaction ends nothing else changes the row.
const HOLD: Statement =
    Statement::new("UPDATE leases SET process = process WHERE task = 'copy' AND process = $1");
const REMOVE: Statement = Statement::new("DELETE FROM leases WHERE task = 'copy' AND process = $1");

/// Which copy it is: when it was begun, and of what.
#[derive(Debug)]
pub struct Mark(String);

impl Mark {
    pub fn new(begun_at: Timestamp, source_name: &str) -> Self {
        Self(format!("{} {source_name}", begun_at.millis()))
    }

    /// What a database that has a mark is a copy of.
    pub async fn source_name(db: &Database) -> Result<Option<String>, DatabaseError> {
        let row = FIND.query().fetch_optional(db.reader()).await?;
        let mark = row.map(|row| row.text(0)).transpose()?;
        Ok(mark.map(|mark| mark.split_once(' ').map_or(String::new(), |(_, name)| name.to_owned())))
    }

    /// Sets this mark in place of another.
    pub async fn set(&self, transaction: &mut Transaction) -> Result<(), DatabaseError> {
        SET.bind(self.0.as_str()).execute(transaction).await.map(drop)
    }

    /// Keeps this mark until the transaction ends; `false` if another was set in its place.
    pub async fn hold(&self, transaction: &mut Transaction) -> Result<bool, DatabaseError> {
        Ok(HOLD.bind(self.0.as_str()).execute(transaction).await? == 1)
    }

    /// Removes this mark; `false` if another was set in its place.
    pub async fn remove(&self, transaction: &mut Transaction) -> Result<bool, DatabaseError> {
        Ok(REMOVE.bind(self.0.as_str()).execute(transaction).await? == 1)
    }
}
