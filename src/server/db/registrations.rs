//! The `registrations` table: who has registered and has not opened the link in the mail yet.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::Timestamp;

/// A second registration with an address replaces the first.
const SAVE: Statement = Statement::new(
    "INSERT INTO registrations (email_key, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (email_key) DO UPDATE SET email = excluded.email, name = excluded.name, \
     password_hash = excluded.password_hash, created_at = excluded.created_at",
);
const FIND: Statement =
    Statement::new("SELECT email, name, password_hash, created_at FROM registrations WHERE email_key = $1");
const TAKE: Statement = Statement::new(
    "DELETE FROM registrations WHERE email_key = $1 RETURNING email, name, password_hash, created_at",
);
const REMOVE: Statement = Statement::new("DELETE FROM registrations WHERE email_key = $1");
const PURGE: Statement = Statement::new("DELETE FROM registrations WHERE created_at <= $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[SAVE, FIND, TAKE, REMOVE, PURGE];

/// A registration that waits for the link in the mail.
#[derive(Debug)]
pub struct PendingRegistration {
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub created_at: Timestamp,
}

/// Saves a registration. One with the same address before it is gone.
///
/// # Errors
/// If the database fails.
pub async fn save(
    transaction: &mut Transaction,
    email_key: &str,
    pending: &PendingRegistration,
) -> Result<(), DatabaseError> {
    SAVE.bind(email_key)
        .bind(pending.email.as_str())
        .bind(pending.name.as_str())
        .bind(pending.password_hash.as_str())
        .bind(pending.created_at.millis())
        .execute(transaction)
        .await
        .map(drop)
}

/// The registration with this address.
///
/// # Errors
/// If the database fails.
pub async fn find(db: &Database, email_key: &str) -> Result<Option<PendingRegistration>, DatabaseError> {
    let row = FIND.bind(email_key).fetch_optional(db.reader()).await?;
    row.map(|row| pending(&row)).transpose()
}

/// Removes a registration that becomes an account.
///
/// # Errors
/// If the database fails.
pub async fn take(
    transaction: &mut Transaction,
    email_key: &str,
) -> Result<Option<PendingRegistration>, DatabaseError> {
    let row = TAKE.bind(email_key).fetch_optional(transaction).await?;
    row.map(|row| pending(&row)).transpose()
}

/// Removes the registration with this address.
///
/// # Errors
/// If the database fails.
pub async fn remove(transaction: &mut Transaction, email_key: &str) -> Result<(), DatabaseError> {
    REMOVE.bind(email_key).execute(transaction).await.map(drop)
}

/// Removes registrations that were made before `before`.
///
/// # Errors
/// If the database fails.
pub async fn purge(db: &Database, before: Timestamp) -> Result<u64, DatabaseError> {
    PURGE.bind(before.millis()).execute(db.unsynced_writer()).await
}

fn pending(row: &impl Row) -> Result<PendingRegistration, DatabaseError> {
    Ok(PendingRegistration {
        email: row.text(0)?,
        name: row.text(1)?,
        password_hash: row.text(2)?,
        created_at: Timestamp::from_millis(row.integer(3)?),
    })
}
