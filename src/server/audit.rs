//! The audit log: what happened to accounts and sessions, for their owners and for the operator. Entries
//! are only ever added.

use async_trait::async_trait;

use super::{
    db::{Database, DatabaseError, events},
    domain::SecurityEvent,
};

/// Where security events are recorded that do not belong to a transaction of the database: those of a
/// use case that changed nothing, and those of a session store that knows no database.
#[async_trait]
pub trait AuditLog: std::fmt::Debug + Send + Sync {
    /// Records all of the events, or none.
    async fn record(&self, events: &[SecurityEvent]) -> Result<(), AuditError>;
}

/// Why an event could not be recorded.
#[derive(Debug, thiserror::Error)]
#[error("the audit log failed")]
pub struct AuditError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl From<DatabaseError> for AuditError {
    fn from(error: DatabaseError) -> Self {
        Self(Box::new(error))
    }
}

#[async_trait]
impl AuditLog for Database {
    async fn record(&self, events: &[SecurityEvent]) -> Result<(), AuditError> {
        let mut transaction = self.begin().await?;
        events::append_all(&mut transaction, events).await?;
        Ok(transaction.commit().await?)
    }
}
