//! The `accounts` table: disabled accounts, accounts that are to be deleted, and what their owners should look at.
//!
//! Disabling and deleting move the version of the credentials on, as a change of the password does: every session is
//! over in the same transaction, also one that begins at this moment.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::{AccountId, Timestamp};

const DISABLE: Statement = Statement::new(
    "UPDATE accounts SET disabled_at = $2, credentials = credentials + 1 WHERE id = $1 AND disabled_at IS NULL",
);
const ENABLE: Statement =
    Statement::new("UPDATE accounts SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL");
const REQUEST_DELETION: Statement =
    Statement::new("UPDATE accounts SET delete_at = $2, credentials = credentials + 1 WHERE id = $1");
const RESTORE: Statement = Statement::new(
    "UPDATE accounts SET delete_at = NULL WHERE id = $1 AND delete_at > $2 AND disabled_at IS NULL",
);
const KEEP: Statement = Statement::new("UPDATE accounts SET delete_at = NULL WHERE id = $1");
const POSTPONE: Statement =
    Statement::new("UPDATE accounts SET delete_at = $2 WHERE id = $1 AND delete_at IS NOT NULL");
const DUE: Statement =
    Statement::new("SELECT id, email FROM accounts WHERE delete_at <= $1 ORDER BY delete_at LIMIT 1");
const DELETE: Statement = Statement::new("DELETE FROM accounts WHERE id = $1 AND delete_at <= $2");
const FORGET_SESSIONS: Statement =
    Statement::new("DELETE FROM sessions WHERE account_id = $1 AND ended_at IS NOT NULL");
const FORGET_LIVE_SESSIONS: Statement =
    Statement::new("DELETE FROM sessions WHERE account_id = $1 AND ended_at IS NULL");
/// The events stay, without what says whose they were. `$2` of them.
const ANONYMISE_EVENTS: Statement = Statement::per_dialect(
    "UPDATE events SET address = '', user_agent = '', repeat_key = NULL, \
     details = json_remove(details, '$.user_agent') WHERE number IN (SELECT number FROM events \
     WHERE account_id = $1 AND (address <> '' OR user_agent <> '' OR repeat_key IS NOT NULL \
     OR json_extract(details, '$.user_agent') IS NOT NULL) LIMIT $2)",
    "UPDATE events SET address = '', user_agent = '', repeat_key = NULL, \
     details = CAST(CAST(details AS jsonb) - 'user_agent' AS text) WHERE number IN (SELECT number FROM events \
     WHERE account_id = $1 AND (address <> '' OR user_agent <> '' OR repeat_key IS NOT NULL \
     OR CAST(details AS jsonb) -> 'user_agent' IS NOT NULL) LIMIT $2)",
);
/// Of how many events at a time: no statement takes longer than PostgreSQL is given for one.
const EVENTS_AT_A_TIME: u32 = 5_000;
/// `$1` is a time, as text.
const CHECK_UP: Statement = Statement::new(
    "SELECT email_verified_at, password_is_common, (SELECT count(*) FROM (SELECT 1 FROM events \
     WHERE account_id = accounts.id AND at > reviewed_at AND at > CAST(CAST($1 AS TEXT) AS BIGINT) \
     AND kind IN ('new_device', 'sign_in_reported', 'step_up_refused', 'password_change_refused', \
     'password_reset', 'email_changed', 'email_change_undone') ORDER BY at DESC LIMIT 20) alarming) \
     FROM accounts WHERE id = $2",
);
const REVIEW: Statement = Statement::new("UPDATE accounts SET reviewed_at = $2 WHERE id = $1");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[
    DISABLE,
    ENABLE,
    REQUEST_DELETION,
    RESTORE,
    KEEP,
    POSTPONE,
    DUE,
    DELETE,
    FORGET_SESSIONS,
    FORGET_LIVE_SESSIONS,
    ANONYMISE_EVENTS,
    CHECK_UP,
    REVIEW,
];

/// What the owner of an account should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckUpRow {
    pub email_verified: bool,
    pub password_is_common: bool,
    /// Twenty at the most.
    pub alarming_events: u32,
}

/// No one can sign in any more; `false` if that is so already.
///
/// # Errors
/// If the database fails.
pub async fn disable(
    transaction: &mut Transaction,
    id: &AccountId,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    Ok(DISABLE.bind(id.as_str()).bind(now.millis()).execute(transaction).await? > 0)
}

/// The owner can sign in again; `false` if that is so already.
///
/// # Errors
/// If the database fails.
pub async fn enable(transaction: &mut Transaction, id: &AccountId) -> Result<bool, DatabaseError> {
    Ok(ENABLE.bind(id.as_str()).execute(transaction).await? > 0)
}

/// The account is to be deleted at this time.
///
/// # Errors
/// If the database fails.
pub async fn request_deletion(
    transaction: &mut Transaction,
    id: &AccountId,
    delete_at: Timestamp,
) -> Result<(), DatabaseError> {
    REQUEST_DELETION.bind(id.as_str()).bind(delete_at.millis()).execute(transaction).await.map(drop)
}

/// The account is not to be deleted after all; `false` if it was not, or if it is too late, or if it is disabled.
///
/// # Errors
/// If the database fails.
pub async fn restore(
    transaction: &mut Transaction,
    id: &AccountId,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    Ok(RESTORE.bind(id.as_str()).bind(now.millis()).execute(transaction).await? > 0)
}

/// An account whose time has come, and its email address.
///
/// # Errors
/// If the database fails.
pub async fn due_deletion(
    db: &Database,
    now: Timestamp,
) -> Result<Option<(AccountId, String)>, DatabaseError> {
    let row = DUE.bind(now.millis()).fetch_optional(db.reader()).await?;
    row.map(|row| Ok((AccountId::new(row.text(0)?), row.text(1)?))).transpose()
}

/// The account is not to be deleted, for whatever reason it was.
///
/// # Errors
/// If the database fails.
pub async fn keep(transaction: &mut Transaction, id: &AccountId) -> Result<(), DatabaseError> {
    KEEP.bind(id.as_str()).execute(transaction).await.map(drop)
}

/// Puts a deletion off, unless it was cancelled.
///
/// # Errors
/// If the database fails.
pub async fn postpone_deletion(db: &Database, id: &AccountId, until: Timestamp) -> Result<(), DatabaseError> {
    POSTPONE.bind(id.as_str()).bind(until.millis()).execute(db.writer()).await.map(drop)
}

/// Deletes an account and what is left of its sessions; its events keep nothing that says whose they were. `false` if
/// it was restored meanwhile.
///
/// # Errors
/// If the database fails.
pub async fn delete(
    transaction: &mut Transaction,
    id: &AccountId,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    if DELETE.bind(id.as_str()).bind(now.millis()).execute(&mut *transaction).await? == 0 {
        return Ok(false);
    }
    for statement in [FORGET_SESSIONS, FORGET_LIVE_SESSIONS] {
        statement.bind(id.as_str()).execute(&mut *transaction).await?;
    }
    let anonymise = || ANONYMISE_EVENTS.bind(id.as_str()).bind(i64::from(EVENTS_AT_A_TIME));
    while anonymise().execute(&mut *transaction).await? == u64::from(EVENTS_AT_A_TIME) {}
    Ok(true)
}

/// What the owner should look at, of what has happened since `since`.
///
/// # Errors
/// If the database fails.
pub async fn check_up(
    db: &Database,
    id: &AccountId,
    since: Timestamp,
) -> Result<Option<CheckUpRow>, DatabaseError> {
    let since = since.millis().to_string();
    let read = |row: &dyn Row| {
        Ok(CheckUpRow {
            email_verified: row.integer_or_null(0)?.is_some(),
            password_is_common: row.integer(1)? != 0,
            alarming_events: u32::try_from(row.integer(2)?).unwrap_or(u32::MAX),
        })
    };
    db.find(CHECK_UP, &[&since, id.as_str()], read).await?.transpose()
}

/// The owner has looked at all events up to now.
///
/// # Errors
/// If the database fails.
pub async fn review(db: &Database, id: &AccountId, now: Timestamp) -> Result<(), DatabaseError> {
    REVIEW.bind(id.as_str()).bind(now.millis()).execute(db.writer()).await.map(drop)
}
