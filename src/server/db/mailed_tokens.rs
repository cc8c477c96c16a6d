//! The `mailed_tokens` table: the links in mails that have not been used and have not expired.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::{AccountId, Timestamp};

/// The token before it, for the same purpose and subject, ends. What it is about began with the first of them.
const INSERT: Statement = Statement::new(
    "INSERT INTO mailed_tokens (token_hash, purpose, subject, account_id, email, email_key, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (purpose, subject) DO UPDATE SET \
     token_hash = excluded.token_hash, account_id = excluded.account_id, email = excluded.email, \
     email_key = excluded.email_key, created_at = CASE WHEN mailed_tokens.created_at < excluded.created_at \
     THEN mailed_tokens.created_at ELSE excluded.created_at END, expires_at = excluded.expires_at",
);
const FIND: Statement = Statement::new(
    "SELECT subject, account_id, email, email_key, created_at FROM mailed_tokens WHERE token_hash = $1 AND expires_at > $2",
);
const TAKE: Statement = Statement::new(
    "DELETE FROM mailed_tokens WHERE token_hash = $1 AND expires_at > $2 \
     RETURNING subject, account_id, email, email_key, created_at",
);
const LAST_EXPIRY: Statement = Statement::new(
    "SELECT max(expires_at) FROM mailed_tokens WHERE account_id = $1 AND purpose = $2 AND expires_at > $3",
);
const REMOVE_OF_ACCOUNT: Statement =
    Statement::new("DELETE FROM mailed_tokens WHERE account_id = $1 AND purpose = $2");
const REMOVE_LATER: Statement =
    Statement::new("DELETE FROM mailed_tokens WHERE account_id = $1 AND purpose = $2 AND created_at > $3");
const REMOVE_ABOUT: Statement =
    Statement::new("DELETE FROM mailed_tokens WHERE purpose = $1 AND subject = $2");
const REMOVE_ALL_OF_ACCOUNT: Statement = Statement::new("DELETE FROM mailed_tokens WHERE account_id = $1");
const PURGE: Statement = Statement::new("DELETE FROM mailed_tokens WHERE expires_at <= $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[
    INSERT,
    FIND,
    TAKE,
    LAST_EXPIRY,
    REMOVE_OF_ACCOUNT,
    REMOVE_LATER,
    REMOVE_ABOUT,
    REMOVE_ALL_OF_ACCOUNT,
    PURGE,
];

/// What a token is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// An account, an address or a session.
    pub subject: String,
    pub account: Option<AccountId>,
    /// The address that it was mailed to.
    pub email: String,
    pub email_key: String,
    /// When it was made, or when that has happened which it undoes.
    pub at: Timestamp,
}

/// Adds a token. The one before it, for the same purpose and subject, ends.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    transaction: &mut Transaction,
    hash: &str,
    purpose: &str,
    token: &TokenRow,
    expires_at: Timestamp,
) -> Result<(), DatabaseError> {
    INSERT
        .bind(hash)
        .bind(purpose)
        .bind(token.subject.as_str())
        .bind(token.account.as_ref().map(AccountId::as_str))
        .bind(token.email.as_str())
        .bind(token.email_key.as_str())
        .bind(token.at.millis())
        .bind(expires_at.millis())
        .execute(transaction)
        .await
        .map(drop)
}

/// Looks at a token without using it.
///
/// # Errors
/// If the database fails.
pub async fn find(db: &Database, hash: &str, now: Timestamp) -> Result<Option<TokenRow>, DatabaseError> {
    let row = FIND.bind(hash).bind(now.millis()).fetch_optional(db.reader()).await?;
    row.map(|row| token(&row)).transpose()
}

/// When the last token of an account for one purpose expires; `None` if there is none.
///
/// # Errors
/// If the database fails.
pub async fn last_expiry(
    db: &Database,
    account: &AccountId,
    purpose: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, DatabaseError> {
    let query = LAST_EXPIRY.bind(account.as_str()).bind(purpose).bind(now.millis());
    let row = query.fetch_optional(db.reader()).await?;
    let expiry = row.map(|row| row.integer_or_null(0)).transpose()?.flatten();
    Ok(expiry.map(Timestamp::from_millis))
}

/// Uses a token up. Of two transactions, one gets it.
///
/// # Errors
/// If the database fails.
pub async fn take(
    transaction: &mut Transaction,
    hash: &str,
    now: Timestamp,
) -> Result<Option<TokenRow>, DatabaseError> {
    let row = TAKE.bind(hash).bind(now.millis()).fetch_optional(transaction).await?;
    row.map(|row| token(&row)).transpose()
}

/// Ends the tokens of an account for one purpose.
///
/// # Errors
/// If the database fails.
pub async fn remove_of_account(
    transaction: &mut Transaction,
    account: &AccountId,
    purpose: &str,
) -> Result<(), DatabaseError> {
    REMOVE_OF_ACCOUNT.bind(account.as_str()).bind(purpose).execute(transaction).await.map(drop)
}

/// Ends the tokens of an account for one purpose that are about something later than `at`.
///
/// # Errors
/// If the database fails.
pub async fn remove_later(
    transaction: &mut Transaction,
    account: &AccountId,
    purpose: &str,
    at: Timestamp,
) -> Result<(), DatabaseError> {
    let query = REMOVE_LATER.bind(account.as_str()).bind(purpose).bind(at.millis());
    query.execute(transaction).await.map(drop)
}

/// Ends the token for one purpose and subject.
///
/// # Errors
/// If the database fails.
pub async fn remove_about(
    transaction: &mut Transaction,
    purpose: &str,
    subject: &str,
) -> Result<(), DatabaseError> {
    REMOVE_ABOUT.bind(purpose).bind(subject).execute(transaction).await.map(drop)
}

/// Ends all tokens of an account.
///
/// # Errors
/// If the database fails.
pub async fn remove_all_of_account(
    transaction: &mut Transaction,
    account: &AccountId,
) -> Result<(), DatabaseError> {
    REMOVE_ALL_OF_ACCOUNT.bind(account.as_str()).execute(transaction).await.map(drop)
}

/// Removes what has expired.
///
/// # Errors
/// If the database fails.
pub async fn purge(db: &Database, now: Timestamp) -> Result<u64, DatabaseError> {
    PURGE.bind(now.millis()).execute(db.unsynced_writer()).await
}

fn token(row: &impl Row) -> Result<TokenRow, DatabaseError> {
    Ok(TokenRow {
        subject: row.text(0)?,
        account: row.text_or_null(1)?.map(AccountId::new),
        email: row.text(2)?,
        email_key: row.text(3)?,
        at: Timestamp::from_millis(row.integer(4)?),
    })
}
