//! The audit log: what happened to accounts and sessions, for their owners and for the operator. Entries
//! are added, and removed when they have been kept for as long as is configured.

use async_trait::async_trait;

use super::{
    config::AuditConfig,
    db::{
        Database, DatabaseError,
        events::{self, Prune},
    },
    domain::{SecurityEvent, Timestamp},
};
use crate::model::SecurityEventKind;

/// How many entries of a kind the purge removes at a time; other writers wait for one batch at most.
const PURGE_BATCH: u16 = 200;

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
        // Strangers cause most of them: none of those makes others wait for the disk.
        let mut transaction = self.begin_unsynced().await?;
        events::append_all(&mut transaction, events).await?;
        Ok(transaction.commit().await?)
    }
}

/// Removes entries that have been kept for long enough: a batch of each kind. Returns whether there is more to do.
///
/// # Errors
/// If the database fails.
pub async fn purge_batch(db: &Database, config: &AuditConfig, now: Timestamp) -> Result<bool, DatabaseError> {
    let refusals = SecurityEventKind::REFUSALS.map(|kind| (Prune::Kind(kind), config.refused_retention));
    let mut more = false;
    for (which, retention) in refusals
        .into_iter()
        .chain([(Prune::WithoutAccount, config.unknown_refused_retention), (Prune::All, config.retention)])
    {
        let removed = events::prune(db, &which, retention, now, PURGE_BATCH.into()).await?;
        more |= removed >= PURGE_BATCH.into();
    }
    Ok(more)
}
