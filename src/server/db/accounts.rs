//! The `accounts` table.

use super::{Database, DatabaseError, Row, Statement, events};
use crate::server::domain::{Account, AccountId, SecurityEvent, Timestamp};

/// A row to insert.
#[derive(Debug)]
pub struct NewAccount<'a> {
    pub id: &'a AccountId,
    pub name: &'a str,
    pub email: &'a str,
    pub email_key: &'a str,
    /// Keys that the same address had in earlier versions.
    pub earlier_email_keys: &'a [String],
    pub password_hash: &'a str,
    pub created_at: Timestamp,
}

const BY_EMAIL: Statement = Statement::new(
    "SELECT id, name, email, admin, credentials, password_hash FROM accounts \
    WHERE email_key = $1",
);
const INSERT: Statement = Statement::new(
    "INSERT INTO accounts (id, name, email, email_key, password_hash, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email_key) DO NOTHING",
);
const BY_ID_WITH_HASH: Statement =
    Statement::new("SELECT id, name, email, admin, credentials, password_hash FROM accounts WHERE id = $1");
const UPGRADE_HASH: Statement =
    Statement::new("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2");
const CHANGE_PASSWORD: Statement = Statement::new(
    "UPDATE accounts SET password_hash = $3, credentials = credentials + 1 \
    WHERE id = $1 AND credentials = $2 RETURNING credentials",
);
const RENAME: Statement = Statement::new("UPDATE accounts SET name = $2 WHERE id = $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] =
    &[BY_EMAIL, INSERT, BY_ID_WITH_HASH, UPGRADE_HASH, CHANGE_PASSWORD, RENAME];

/// The account with this email, and its password hash.
///
/// # Errors
/// If the database fails.
pub async fn by_email(db: &Database, email_key: &str) -> Result<Option<(Account, String)>, DatabaseError> {
    let row = BY_EMAIL.bind(email_key).fetch_optional(db.reader()).await?;
    row.map(|row| with_hash(&row)).transpose()
}

/// The account with the first of these keys that there is, and its password hash. It takes as long whether
/// there is one or not.
///
/// # Errors
/// If the database fails.
pub async fn by_emails<'a>(
    db: &Database,
    email_keys: impl Iterator<Item = &'a str>,
) -> Result<Option<(Account, String)>, DatabaseError> {
    let mut first = None;
    for key in email_keys {
        let found = by_email(db, key).await?;
        first = first.or(found);
    }
    Ok(first)
}

/// Inserts an account, with its security event; `false` if the email is taken.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    db: &Database,
    new: NewAccount<'_>,
    event: &SecurityEvent,
) -> Result<bool, DatabaseError> {
    let mut transaction = db.begin().await?;
    for earlier in new.earlier_email_keys {
        if BY_EMAIL.bind(earlier.as_str()).fetch_optional(&mut transaction).await?.is_some() {
            return Ok(false);
        }
    }
    let inserted = INSERT
        .bind(new.id.as_str())
        .bind(new.name)
        .bind(new.email)
        .bind(new.email_key)
        .bind(new.password_hash)
        .bind(new.created_at.millis())
        .execute(&mut transaction)
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    events::append(&mut transaction, event).await?;
    transaction.commit().await?;
    Ok(true)
}

/// The account with this id, and its password hash.
///
/// # Errors
/// If the database fails.
pub async fn with_password_hash(
    db: &Database,
    id: &AccountId,
) -> Result<Option<(Account, String)>, DatabaseError> {
    let row = BY_ID_WITH_HASH.bind(id.as_str()).fetch_optional(db.reader()).await?;
    row.map(|row| with_hash(&row)).transpose()
}

/// Replaces the password of an account whose credentials are of this version, with its security event.
/// Every session that was authenticated with that version is over at the same moment. Returns the next
/// version, or `None` if another change came first.
///
/// # Errors
/// If the database fails.
pub async fn change_password(
    db: &Database,
    id: &AccountId,
    credential_version: i64,
    new_hash: &str,
    event: &SecurityEvent,
) -> Result<Option<i64>, DatabaseError> {
    let mut transaction = db.begin().await?;
    let query = CHANGE_PASSWORD.bind(id.as_str()).bind(credential_version).bind(new_hash);
    let Some(row) = query.fetch_optional(&mut transaction).await? else { return Ok(None) };
    events::append(&mut transaction, event).await?;
    transaction.commit().await?;
    row.integer(0).map(Some)
}

/// Changes the name, with its security event.
///
/// # Errors
/// If the database fails.
pub async fn rename(
    db: &Database,
    id: &AccountId,
    name: &str,
    event: &SecurityEvent,
) -> Result<(), DatabaseError> {
    let mut transaction = db.begin().await?;
    RENAME.bind(id.as_str()).bind(name).execute(&mut transaction).await?;
    events::append(&mut transaction, event).await?;
    transaction.commit().await
}

/// Replaces a hash with one of the same password under newer parameters, unless the password
/// has been changed in between.
///
/// # Errors
/// If the database fails.
pub async fn upgrade_hash(db: &Database, id: &AccountId, old: &str, new: &str) -> Result<(), DatabaseError> {
    UPGRADE_HASH.bind(id.as_str()).bind(old).bind(new).execute(db.writer()).await.map(drop)
}

/// Reads `name`, `email`, `admin` and `credentials`, which begin at this column; `None` where a join has found no
/// account.
///
/// # Errors
/// If one of them is not what it should be.
pub fn account_at(row: &dyn Row, first: usize, id: AccountId) -> Result<Option<Account>, DatabaseError> {
    let Some(name) = row.text_or_null(first)? else { return Ok(None) };
    Ok(Some(Account {
        id,
        name,
        email: row.text(first + 1)?,
        admin: row.integer(first + 2)? != 0,
        credential_version: row.integer(first + 3)?,
    }))
}

fn with_hash(row: &impl Row) -> Result<(Account, String), DatabaseError> {
    let account = account_at(row, 1, AccountId::new(row.text(0)?))?;
    Ok((account.ok_or(DatabaseError::Null(1))?, row.text(5)?))
}
