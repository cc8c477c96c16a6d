//! The `events` table: the audit log. There is no statement here that changes or removes a row.

use serde_json::Value;

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::{
    model::SecurityEventKind,
    server::domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
};

const APPEND: Statement = Statement::new(
    "INSERT INTO events (at, account_id, session, address, user_agent, kind, details) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const PAGE: Statement = Statement::new(
    "SELECT at, session, address, user_agent, kind, details FROM events \
    WHERE account_id = $1 ORDER BY at DESC, number DESC LIMIT $2 OFFSET $3",
);
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[APPEND, PAGE];

/// Adds events, in the transaction of what they record.
///
/// # Errors
/// If the database fails.
pub async fn append_all(
    transaction: &mut Transaction,
    events: &[SecurityEvent],
) -> Result<(), DatabaseError> {
    for event in events {
        append(transaction, event).await?;
    }
    Ok(())
}

/// Adds an event, in the transaction of what it records.
///
/// # Errors
/// If the database fails.
pub async fn append(transaction: &mut Transaction, event: &SecurityEvent) -> Result<(), DatabaseError> {
    let (kind, details) = encode(&event.kind)?;
    APPEND
        .bind(event.at.millis())
        .bind(event.account.as_ref().map(AccountId::as_str))
        .bind(event.session.as_ref().map(SessionHandle::as_str))
        .bind(event.address.as_str())
        .bind(event.user_agent.as_str())
        .bind(kind)
        .bind(details)
        .execute(transaction)
        .await
        .map(drop)
}

/// Up to `limit` events of an account, newest first, after the first `offset`. An event of a kind that
/// this version does not know is `None`.
///
/// # Errors
/// If the database fails.
pub async fn page(
    db: &Database,
    account: &AccountId,
    limit: u32,
    offset: u32,
) -> Result<Vec<Option<SecurityEvent>>, DatabaseError> {
    let query = PAGE.bind(account.as_str()).bind(i64::from(limit)).bind(i64::from(offset));
    let rows = query.fetch_all(db.reader()).await?;
    rows.iter().map(|row| event(account, row)).collect()
}

fn event(account: &AccountId, row: &impl Row) -> Result<Option<SecurityEvent>, DatabaseError> {
    let Some(kind) = decode(&row.text(4)?, &row.text(5)?) else { return Ok(None) };
    Ok(Some(SecurityEvent {
        at: Timestamp::from_millis(row.integer(0)?),
        account: Some(account.clone()),
        session: row.text_or_null(1)?.map(SessionHandle::new),
        address: row.text(2)?,
        user_agent: row.text(3)?,
        kind,
    }))
}

/// The name of a kind, and the rest of it as JSON.
fn encode(kind: &SecurityEventKind) -> Result<(String, String), DatabaseError> {
    let mut details = serde_json::to_value(kind)?;
    let name = details.as_object_mut().and_then(|object| object.remove("kind"));
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((name, details.to_string()))
}

fn decode(name: &str, details: &str) -> Option<SecurityEventKind> {
    let mut kind: Value = serde_json::from_str(details).ok()?;
    kind.as_object_mut()?.insert("kind".to_owned(), name.into());
    serde_json::from_value(kind).ok()
}
