//! The `ended_sessions` table: which sessions were ended that are stored outside of the database. It decides
//! which of two changes to a session came first, and is read with the account on every page.

use std::collections::{HashMap, HashSet};

use super::{Database, DatabaseError, OwnedRow, Row, Statement, Transaction, accounts::account_at};
use crate::server::domain::{Account, AccountId, Timestamp};

const RECORD: Statement = Statement::new(
    "INSERT INTO ended_sessions (id_hash, end_reason, forgotten_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id_hash) DO NOTHING",
);
/// `$2` is a JSON array of pairs: the hash of an id, and when it is forgotten.
const RECORD_MANY: Statement = Statement::per_dialect(
    "INSERT INTO ended_sessions (id_hash, end_reason, forgotten_at) \
     SELECT value ->> 0, $1, value ->> 1 FROM json_each($2) WHERE true \
     ON CONFLICT (id_hash) DO NOTHING RETURNING id_hash",
    "INSERT INTO ended_sessions (id_hash, end_reason, forgotten_at) \
     SELECT value ->> 0, $1, CAST(value ->> 1 AS BIGINT) FROM json_array_elements($2::text::json) \
     ON CONFLICT (id_hash) DO NOTHING RETURNING id_hash",
);
const FIND: Statement = Statement::new(
    "SELECT end_reason, a.name, a.email, a.admin, a.credentials \
     FROM (SELECT CAST($1 AS TEXT) AS id_hash, CAST($2 AS TEXT) AS account_id) session \
     LEFT JOIN ended_sessions ON ended_sessions.id_hash = session.id_hash \
     LEFT JOIN accounts a ON a.id = session.account_id",
);
/// `$1` is a JSON array of pairs: the hash of an id, and an account.
const FIND_MANY: Statement = Statement::per_dialect(
    "SELECT end_reason, a.name, a.email, a.admin, a.credentials, session.id_hash \
     FROM (SELECT value ->> 0 AS id_hash, value ->> 1 AS account_id FROM json_each($1)) session \
     LEFT JOIN ended_sessions ON ended_sessions.id_hash = session.id_hash \
     LEFT JOIN accounts a ON a.id = session.account_id",
    "SELECT end_reason, a.name, a.email, a.admin, a.credentials, session.id_hash \
     FROM (SELECT value ->> 0 AS id_hash, value ->> 1 AS account_id FROM json_array_elements($1::text::json)) session \
     LEFT JOIN ended_sessions ON ended_sessions.id_hash = session.id_hash \
     LEFT JOIN accounts a ON a.id = session.account_id",
);
const FORGET: Statement = Statement::per_dialect(
    "DELETE FROM ended_sessions WHERE id_hash IN \
     (SELECT id_hash FROM ended_sessions WHERE forgotten_at <= $1 ORDER BY forgotten_at LIMIT $2)",
    "DELETE FROM ended_sessions WHERE id_hash = ANY \
     (ARRAY(SELECT id_hash FROM ended_sessions WHERE forgotten_at <= $1 ORDER BY forgotten_at LIMIT $2))",
);
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[RECORD, RECORD_MANY, FIND, FIND_MANY, FORGET];

/// What the database knows of a session that is stored elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRecord {
    /// Why it was ended.
    Ended(String),
    /// It was not ended. `None` if the account is gone.
    NotEnded(Option<Account>),
}

/// Records the end of a session; `false` if it was recorded before.
///
/// # Errors
/// If the database fails.
pub async fn record(
    transaction: &mut Transaction,
    id_hash: &str,
    reason: &str,
    forgotten_at: Timestamp,
) -> Result<bool, DatabaseError> {
    let query = RECORD.bind(id_hash).bind(reason).bind(forgotten_at.millis());
    Ok(query.execute(transaction).await? == 1)
}

/// Records the ends of several sessions, each with the time when it is forgotten. Returns the hashes of those that were
/// not recorded before.
///
/// # Errors
/// If the database fails.
pub async fn record_many(
    transaction: &mut Transaction,
    sessions: &[(&str, Timestamp)],
    reason: &str,
) -> Result<HashSet<String>, DatabaseError> {
    let pairs: Vec<_> = sessions.iter().map(|(id_hash, until)| (id_hash, until.millis())).collect();
    let query = RECORD_MANY.bind(reason).bind(serde_json::to_string(&pairs)?);
    query.fetch_all(transaction).await?.iter().map(|row| row.text(0)).collect()
}

/// Whether a session was ended, and its account.
///
/// # Errors
/// If the database fails.
pub async fn find(db: &Database, id_hash: &str, account: &AccountId) -> Result<SessionRecord, DatabaseError> {
    let found = db.find(FIND, &[id_hash, account.as_str()], |row| found(row, account)).await?;
    found.unwrap_or(Ok(SessionRecord::NotEnded(None)))
}

/// The same for several sessions, with the hashes of their ids, in any order.
///
/// # Errors
/// If the database fails.
pub async fn find_many(
    db: &Database,
    sessions: &[(&str, &AccountId)],
) -> Result<Vec<(String, SessionRecord)>, DatabaseError> {
    let pairs: Vec<_> = sessions.iter().map(|(id_hash, account)| (id_hash, account.as_str())).collect();
    let rows = FIND_MANY.bind(serde_json::to_string(&pairs)?).fetch_all(db.reader()).await?;
    let accounts: HashMap<_, _> = sessions.iter().copied().collect();
    let read = |row: &OwnedRow| {
        let id_hash = row.text(5)?;
        let account = accounts.get(id_hash.as_str()).ok_or(DatabaseError::Null(5))?;
        Ok((id_hash, found(row, account)?))
    };
    rows.iter().map(read).collect()
}

/// Removes up to `max` sessions that cannot be live any more; returns how many.
///
/// # Errors
/// If the database fails.
pub async fn forget(db: &Database, now: Timestamp, max: i64) -> Result<u64, DatabaseError> {
    FORGET.bind(now.millis()).bind(max).execute(db.unsynced_writer()).await
}

fn found(row: &dyn Row, account: &AccountId) -> Result<SessionRecord, DatabaseError> {
    if let Some(reason) = row.text_or_null(0)? {
        return Ok(SessionRecord::Ended(reason));
    }
    Ok(SessionRecord::NotEnded(account_at(row, 1, account.clone())?))
}
