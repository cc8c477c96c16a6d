//! The `events` table: the audit log. Rows are added, their repeats are counted, and those that were kept for long
//! enough are removed; a trigger refuses everything else.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::{
    model::SecurityEventKind,
    server::{
        config::AuditConfig,
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
    },
};

/// A repeat is counted in the row of the first. Its clock may be a little behind.
const APPEND: Statement = Statement::new(
    "INSERT INTO events (at, account_id, session, address, user_agent, kind, details, repeat_key) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (repeat_key) WHERE repeat_key IS NOT NULL \
     DO UPDATE SET count = events.count + 1, last_at = CASE \
     WHEN excluded.at > coalesce(events.last_at, events.at) THEN excluded.at \
     ELSE coalesce(events.last_at, events.at) END",
);
/// `$1` is a JSON array of objects.
const APPEND_MANY: Statement = Statement::per_dialect(
    "INSERT INTO events (at, account_id, session, address, user_agent, kind, details) \
     SELECT value ->> 'at', value ->> 'account_id', value ->> 'session', value ->> 'address', \
     value ->> 'user_agent', value ->> 'kind', value ->> 'details' FROM json_each($1)",
    "INSERT INTO events (at, account_id, session, address, user_agent, kind, details) \
     SELECT at, account_id, session, address, user_agent, kind, details FROM json_to_recordset($1::text::json) \
     AS event (at bigint, account_id text, session text, address text, user_agent text, kind text, details text)",
);
macro_rules! page {
    ($which:literal) => {
        Statement::new(concat!(
            "SELECT at, session, address, user_agent, kind, details, count, last_at FROM events \
             WHERE account_id = $1",
            $which,
            " ORDER BY at DESC, number DESC LIMIT $2 OFFSET $3"
        ))
    };
}
const PAGE: Statement = page!("");
const PAGE_OF_SIGN_INS: Statement = page!(" AND kind = 'signed_in'");
const NEWEST: Statement = Statement::new("SELECT at FROM events WHERE at <= $1 ORDER BY at DESC LIMIT 1");
macro_rules! prune {
    ($which:literal) => {
        Statement::per_dialect(
            concat!("DELETE FROM events WHERE number IN (SELECT number FROM events WHERE ", $which, ")"),
            concat!(
                "DELETE FROM events WHERE number = ANY (ARRAY(SELECT number FROM events WHERE ",
                $which,
                "))"
            ),
        )
    };
}
const PRUNE: Statement = prune!("at <= $1 ORDER BY at LIMIT $2");
const PRUNE_KIND: Statement = prune!("kind = $3 AND at <= $1 ORDER BY kind, at LIMIT $2");
const PRUNE_WITHOUT_ACCOUNT: Statement = prune!("account_id IS NULL AND at <= $1 ORDER BY at LIMIT $2");
/// Every statement in this file.
pub const STATEMENTS: &[Statement] =
    &[APPEND, APPEND_MANY, PAGE, PAGE_OF_SIGN_INS, NEWEST, PRUNE, PRUNE_KIND, PRUNE_WITHOUT_ACCOUNT];

/// How long an event is kept at least: a trigger counts from the newest.
const MIN_RETENTION: Duration = AuditConfig::MIN_RETENTION;

/// An event, with its repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub event: SecurityEvent,
    pub count: u64,
    /// The time of the last; that of the event if there is one only.
    pub last_at: Timestamp,
}

/// Which events of an account are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    All,
    SignIns,
}

/// Which events are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prune {
    All,
    Kind(SecurityEventKind),
    WithoutAccount,
}

/// Adds events, in the transaction of what they record. Several are added by one statement, and not counted as
/// repeats.
///
/// # Errors
/// If the database fails.
pub async fn append_all(
    transaction: &mut Transaction,
    events: &[SecurityEvent],
) -> Result<(), DatabaseError> {
    match events {
        [] => Ok(()),
        [event] => append(transaction, event).await,
        events => {
            let objects = events.iter().map(object).collect::<Result<Vec<_>, _>>()?;
            APPEND_MANY.bind(serde_json::to_string(&objects)?).execute(transaction).await.map(drop)
        }
    }
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
        .bind(event.repeat_key().as_deref())
        .execute(transaction)
        .await
        .map(drop)
}

fn object(event: &SecurityEvent) -> Result<Value, DatabaseError> {
    let (kind, details) = encode(&event.kind)?;
    Ok(json!({
        "at": event.at.millis(),
        "account_id": event.account.as_ref().map(AccountId::as_str),
        "session": event.session.as_ref().map(SessionHandle::as_str),
        "address": event.address,
        "user_agent": event.user_agent,
        "kind": kind,
        "details": details,
    }))
}

/// Up to `limit` events of an account, newest first, after the first `offset`. An event of a kind that
/// this version does not know is `None`.
///
/// # Errors
/// If the database fails.
pub async fn page(
    db: &Database,
    account: &AccountId,
    filter: Filter,
    limit: u32,
    offset: u32,
) -> Result<Vec<Option<Entry>>, DatabaseError> {
    let statement = match filter {
        Filter::All => PAGE,
        Filter::SignIns => PAGE_OF_SIGN_INS,
    };
    let query = statement.bind(account.as_str()).bind(i64::from(limit)).bind(i64::from(offset));
    let rows = query.fetch_all(db.reader()).await?;
    rows.iter().map(|row| entry(account, row)).collect()
}

/// Removes up to `max` events, the oldest first, that have been kept for `retention`; returns how many. What is less
/// than a week older than the newest event stays in any case.
///
/// # Errors
/// If the database fails.
pub async fn prune(
    db: &Database,
    which: &Prune,
    retention: Duration,
    now: Timestamp,
    max: i64,
) -> Result<u64, DatabaseError> {
    let newest = NEWEST.bind(now.millis()).fetch_optional(db.reader()).await?;
    let Some(newest) = newest.map(|row| row.integer(0)).transpose()? else { return Ok(0) };
    let before = (now - retention).min(Timestamp::from_millis(newest) - MIN_RETENTION).millis();
    let query = match which {
        Prune::All => PRUNE.bind(before).bind(max),
        Prune::Kind(kind) => PRUNE_KIND.bind(before).bind(max).bind(encode(kind)?.0),
        Prune::WithoutAccount => PRUNE_WITHOUT_ACCOUNT.bind(before).bind(max),
    };
    query.execute(db.unsynced_writer()).await
}

fn entry(account: &AccountId, row: &impl Row) -> Result<Option<Entry>, DatabaseError> {
    let Some(kind) = decode(&row.text(4)?, &row.text(5)?) else { return Ok(None) };
    let event = SecurityEvent {
        at: Timestamp::from_millis(row.integer(0)?),
        account: Some(account.clone()),
        session: row.text_or_null(1)?.map(SessionHandle::new),
        address: row.text(2)?,
        user_agent: row.text(3)?,
        kind,
    };
    let last_at = row.integer_or_null(7)?.map_or(event.at, Timestamp::from_millis);
    Ok(Some(Entry { event, count: row.integer(6)?.unsigned_abs(), last_at }))
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
