//! The `mails` table: what is to be sent. A mail leaves it when the server of the recipient, or the relay, has taken it.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::{AccountId, MailContent, NewMail, Timestamp};

const ENQUEUE: Statement = Statement::new(
    "INSERT INTO mails (id, content, account_id, recipient, created_at, next_at) VALUES ($1, $2, $3, $4, $5, $5)",
);
macro_rules! columns {
    () => {
        "SELECT id, content, account_id, recipient, created_at, attempts, next_at, error FROM mails "
    };
}
const NEXT: Statement =
    Statement::new(concat!(columns!(), "WHERE next_at <= $1 ORDER BY next_at, created_at LIMIT 1"));
const WAITING: Statement =
    Statement::new(concat!(columns!(), "WHERE next_at <= $1 ORDER BY next_at, created_at LIMIT $2"));
const GIVEN_UP: Statement = Statement::new(concat!(
    columns!(),
    "WHERE next_at IS NULL AND created_at <= $1 ORDER BY created_at DESC LIMIT $2"
));
const REMOVE: Statement = Statement::new("DELETE FROM mails WHERE id = $1");
const BEGIN_ATTEMPT: Statement = Statement::new(
    "UPDATE mails SET attempts = attempts + 1, next_at = $4, error = NULL \
     WHERE id = $1 AND attempts = $2 AND next_at = $3",
);
const FAILED: Statement = Statement::new("UPDATE mails SET next_at = $2, error = $3 WHERE id = $1");
const BRING_FORWARD: Statement =
    Statement::new("UPDATE mails SET next_at = $1 WHERE next_at >= $2 AND next_at <= $3");
const RETRY: Statement = Statement::new("UPDATE mails SET attempts = 0, next_at = $2 WHERE id = $1");
const RETRY_GIVEN_UP: Statement =
    Statement::new("UPDATE mails SET attempts = 0, next_at = $1 WHERE next_at IS NULL AND created_at <= $2");
const PURGE: Statement = Statement::new("DELETE FROM mails WHERE next_at IS NULL AND created_at <= $1");
const WAITS: Statement =
    Statement::new("SELECT id FROM mails WHERE account_id = $1 AND next_at IS NOT NULL LIMIT 1");
const REMOVE_OF_ACCOUNT: Statement = Statement::new("DELETE FROM mails WHERE account_id = $1");
const REMOVE_TO: Statement = Statement::new("DELETE FROM mails WHERE recipient = $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[
    ENQUEUE,
    NEXT,
    WAITING,
    GIVEN_UP,
    REMOVE,
    BEGIN_ATTEMPT,
    FAILED,
    BRING_FORWARD,
    RETRY,
    RETRY_GIVEN_UP,
    PURGE,
    WAITS,
    REMOVE_OF_ACCOUNT,
    REMOVE_TO,
];
/// Later than any time: no clock that was wrong hides a mail.
const END: i64 = i64::MAX;

/// A mail in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedMail {
    pub id: String,
    /// `None` if this version does not know what it is about.
    pub content: Option<MailContent>,
    pub account: Option<AccountId>,
    pub recipient: String,
    pub created_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; `None` if it has been given up.
    pub next_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` if it is under way still, or its process has died.
    pub error: Option<String>,
}

/// Adds a mail, in the transaction of what it is about.
///
/// # Errors
/// If the database fails.
pub async fn enqueue(
    transaction: &mut Transaction,
    id: &str,
    mail: &NewMail,
    now: Timestamp,
) -> Result<(), DatabaseError> {
    ENQUEUE
        .bind(id)
        .bind(serde_json::to_string(&mail.content)?)
        .bind(mail.account.as_ref().map(AccountId::as_str))
        .bind(mail.recipient.as_str())
        .bind(now.millis())
        .execute(transaction)
        .await
        .map(drop)
}

/// The mail that has waited the longest of those that are due.
///
/// # Errors
/// If the database fails.
pub async fn next(db: &Database, now: Timestamp) -> Result<Option<QueuedMail>, DatabaseError> {
    let row = NEXT.bind(now.millis()).fetch_optional(db.reader()).await?;
    row.map(|row| queued(&row)).transpose()
}

/// Mails that are to be sent, those that are due first.
///
/// # Errors
/// If the database fails.
pub async fn waiting(db: &Database, limit: u32) -> Result<Vec<QueuedMail>, DatabaseError> {
    let rows = WAITING.bind(END).bind(i64::from(limit)).fetch_all(db.reader()).await?;
    rows.iter().map(queued).collect()
}

/// Mails that have been given up, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn given_up(db: &Database, limit: u32) -> Result<Vec<QueuedMail>, DatabaseError> {
    let rows = GIVEN_UP.bind(END).bind(i64::from(limit)).fetch_all(db.reader()).await?;
    rows.iter().map(queued).collect()
}

/// Removes a mail that was sent.
///
/// # Errors
/// If the database fails.
pub async fn remove(db: &Database, id: &str) -> Result<(), DatabaseError> {
    REMOVE.bind(id).execute(db.writer()).await.map(drop)
}

/// Records that a mail is tried now, and when it is tried again if nothing more is recorded; `false` if someone else
/// has changed it since it was read.
///
/// # Errors
/// If the database fails.
pub async fn begin_attempt(
    db: &Database,
    mail: &QueuedMail,
    retry_at: Timestamp,
) -> Result<bool, DatabaseError> {
    let changed = BEGIN_ATTEMPT
        .bind(mail.id.as_str())
        .bind(i64::from(mail.attempts))
        .bind(mail.next_at.map(Timestamp::millis))
        .bind(retry_at.millis())
        .execute(db.writer())
        .await?;
    Ok(changed > 0)
}

/// Records why the attempt failed, and when the next is made; `None` gives it up.
///
/// # Errors
/// If the database fails.
pub async fn failed(
    db: &Database,
    id: &str,
    next_at: Option<Timestamp>,
    error: &str,
) -> Result<(), DatabaseError> {
    FAILED.bind(id).bind(next_at.map(Timestamp::millis)).bind(error).execute(db.writer()).await.map(drop)
}

/// Makes all mails due that wait until `from` or longer.
///
/// # Errors
/// If the database fails.
pub async fn bring_forward(db: &Database, now: Timestamp, from: Timestamp) -> Result<u64, DatabaseError> {
    BRING_FORWARD.bind(now.millis()).bind(from.millis()).bind(END).execute(db.unsynced_writer()).await
}

/// Makes a mail due; `false` if there is none with this id.
///
/// # Errors
/// If the database fails.
pub async fn retry(db: &Database, id: &str, now: Timestamp) -> Result<bool, DatabaseError> {
    Ok(RETRY.bind(id).bind(now.millis()).execute(db.writer()).await? > 0)
}

/// Makes all mails due that have been given up; returns how many.
///
/// # Errors
/// If the database fails.
pub async fn retry_given_up(db: &Database, now: Timestamp) -> Result<u64, DatabaseError> {
    RETRY_GIVEN_UP.bind(now.millis()).bind(END).execute(db.writer()).await
}

/// Removes mails that have been given up and were made before `before`.
///
/// # Errors
/// If the database fails.
pub async fn purge(db: &Database, before: Timestamp) -> Result<u64, DatabaseError> {
    PURGE.bind(before.millis()).execute(db.unsynced_writer()).await
}

/// Removes all mails about an account, and all to its address.
///
/// # Errors
/// If the database fails.
pub async fn remove_of_account(
    transaction: &mut Transaction,
    account: &AccountId,
    email: &str,
) -> Result<(), DatabaseError> {
    remove_about(transaction, account).await?;
    REMOVE_TO.bind(email).execute(transaction).await.map(drop)
}

/// Whether a mail about an account is still to be sent.
///
/// # Errors
/// If the database fails.
pub async fn waits(db: &Database, account: &AccountId) -> Result<bool, DatabaseError> {
    Ok(WAITS.bind(account.as_str()).fetch_optional(db.reader()).await?.is_some())
}

/// Removes all mails about an account.
///
/// # Errors
/// If the database fails.
pub async fn remove_about(transaction: &mut Transaction, account: &AccountId) -> Result<(), DatabaseError> {
    REMOVE_OF_ACCOUNT.bind(account.as_str()).execute(transaction).await.map(drop)
}

fn queued(row: &impl Row) -> Result<QueuedMail, DatabaseError> {
    Ok(QueuedMail {
        id: row.text(0)?,
        content: serde_json::from_str(&row.text(1)?).ok(),
        account: row.text_or_null(2)?.map(AccountId::new),
        recipient: row.text(3)?,
        created_at: Timestamp::from_millis(row.integer(4)?),
        attempts: u32::try_from(row.integer(5)?).unwrap_or(u32::MAX),
        next_at: row.integer_or_null(6)?.map(Timestamp::from_millis),
        error: row.text_or_null(7)?,
    })
}
