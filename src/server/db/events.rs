//! The `events` table: the audit log. There is no statement here that changes or removes a row.

use serde_json::Value;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::Database;
use crate::{
    model::SecurityEventKind,
    server::domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
};

const APPEND: &str = "INSERT INTO events (at, account_id, session, address, user_agent, kind, details) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const PAGE: &str = "SELECT at, session, address, user_agent, kind, details FROM events \
    WHERE account_id = $1 ORDER BY at DESC, number DESC LIMIT $2 OFFSET $3";

/// Adds events, in the transaction of what they record.
///
/// # Errors
/// If the database fails.
pub async fn append_all(
    connection: &mut SqliteConnection,
    events: &[SecurityEvent],
) -> Result<(), sqlx::Error> {
    for event in events {
        append(connection, event).await?;
    }
    Ok(())
}

/// Adds an event, in the transaction of what it records.
///
/// # Errors
/// If the database fails.
pub async fn append(connection: &mut SqliteConnection, event: &SecurityEvent) -> Result<(), sqlx::Error> {
    let (kind, details) = encode(&event.kind)?;
    sqlx::query(APPEND)
        .bind(event.at.millis())
        .bind(event.account.as_ref().map(AccountId::as_str))
        .bind(event.session.as_ref().map(SessionHandle::as_str))
        .bind(&event.address)
        .bind(&event.user_agent)
        .bind(kind)
        .bind(details)
        .execute(connection)
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
) -> Result<Vec<Option<SecurityEvent>>, sqlx::Error> {
    let query = sqlx::query(PAGE).bind(account.as_str()).bind(i64::from(limit)).bind(i64::from(offset));
    let rows = query.fetch_all(db.reader()).await?;
    rows.iter().map(|row| event(account, row)).collect()
}

fn event(account: &AccountId, row: &SqliteRow) -> Result<Option<SecurityEvent>, sqlx::Error> {
    let Some(kind) = decode(row.try_get("kind")?, row.try_get("details")?) else { return Ok(None) };
    Ok(Some(SecurityEvent {
        at: Timestamp::from_millis(row.try_get("at")?),
        account: Some(account.clone()),
        session: row.try_get::<Option<String>, _>("session")?.map(SessionHandle::new),
        address: row.try_get("address")?,
        user_agent: row.try_get("user_agent")?,
        kind,
    }))
}

/// The name of a kind, and the rest of it as JSON.
fn encode(kind: &SecurityEventKind) -> Result<(String, String), sqlx::Error> {
    let encode_error = |error: serde_json::Error| sqlx::Error::Encode(Box::new(error));
    let mut details = serde_json::to_value(kind).map_err(encode_error)?;
    let name = details.as_object_mut().and_then(|object| object.remove("kind"));
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((name, details.to_string()))
}

fn decode(name: &str, details: &str) -> Option<SecurityEventKind> {
    let mut kind: Value = serde_json::from_str(details).ok()?;
    kind.as_object_mut()?.insert("kind".to_owned(), name.into());
    serde_json::from_value(kind).ok()
}
