//! From a row to a session.

use std::sync::Arc;

use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    model::EndReason,
    server::{
        domain::{Account, AccountId, SessionHandle, Timestamp, error_chain},
        sessions::{IdHash, LiveSession, Lookup, Method, StoredSession, expiry_reason},
    },
};

/// The columns of a session, in the order in which [`stored_session`] reads them.
macro_rules! session_columns {
    () => {
        "id_hash, handle, account_id, methods, credentials, authenticated_at, remembered, user_agent, \
         address, data, created_at, seen_at, expires_at, absolute_expires_at"
    };
}
pub(super) use session_columns;

/// Number of the columns of a session; those of its end and of its account follow.
const SESSION_COLUMNS: usize = 14;

/// A row of either SQLite library, by the number of the column.
pub trait Columns {
    fn text(&self, column: usize) -> Result<Option<String>, RowError>;
    fn integer(&self, column: usize) -> Result<Option<i64>, RowError>;
}

impl Columns for SqliteRow {
    fn text(&self, column: usize) -> Result<Option<String>, RowError> {
        Ok(self.try_get(column)?)
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, RowError> {
        Ok(self.try_get(column)?)
    }
}

impl Columns for rusqlite::Row<'_> {
    fn text(&self, column: usize) -> Result<Option<String>, RowError> {
        Ok(self.get(column)?)
    }

    fn integer(&self, column: usize) -> Result<Option<i64>, RowError> {
        Ok(self.get(column)?)
    }
}

/// Why a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error("a column is missing or of another type")]
    Sqlx(#[from] sqlx::Error),
    #[error("a column is missing or of another type")]
    Rusqlite(#[from] rusqlite::Error),
    #[error("column {0} of a session is NULL")]
    Null(usize),
    #[error("the values are not a JSON object")]
    Values(#[from] serde_json::Error),
    #[error("{column} is \"{text}\", which this version does not know")]
    Unfamiliar { column: &'static str, text: String },
}

/// A row that cannot be read counts as no session, and is logged.
pub fn readable<T>(row: Result<T, RowError>) -> Option<T> {
    row.inspect_err(|error| tracing::error!(cause = %error_chain(error), "a stored session cannot be read"))
        .ok()
}

/// Reads a session, its end (`ended_at`, `end_reason`) and its account (`name`, `email`, `admin`,
/// `credentials`).
pub fn lookup(row: &impl Columns, now: Timestamp) -> Result<Lookup, RowError> {
    if row.integer(SESSION_COLUMNS)?.is_some() {
        let text = text(row, SESSION_COLUMNS + 1)?;
        let reason = EndReason::parse(&text);
        return reason.map(Lookup::Ended).ok_or(RowError::Unfamiliar { column: "end_reason", text });
    }
    let session = stored_session(row)?;
    if !session.is_live(now) {
        return Ok(Lookup::Expired(expiry_reason(&session)));
    }
    let account = account(&session, row)?.map(Arc::new);
    Ok(Lookup::Live(LiveSession { session: Arc::new(session), account }))
}

fn account(session: &StoredSession, row: &impl Columns) -> Result<Option<Account>, RowError> {
    let name = row.text(SESSION_COLUMNS + 2)?;
    let (Some(id), Some(name)) = (&session.account, name) else { return Ok(None) };
    Ok(Some(Account {
        id: id.clone(),
        name,
        email: text(row, SESSION_COLUMNS + 3)?,
        admin: integer(row, SESSION_COLUMNS + 4)? != 0,
        credential_version: integer(row, SESSION_COLUMNS + 5)?,
    }))
}

/// Reads the columns of a session.
pub fn stored_session(row: &impl Columns) -> Result<StoredSession, RowError> {
    let time = |column| integer(row, column).map(Timestamp::from_millis);
    Ok(StoredSession {
        id_hash: IdHash::from_stored(text(row, 0)?),
        handle: SessionHandle::new(text(row, 1)?),
        account: row.text(2)?.map(AccountId::new),
        methods: methods(&text(row, 3)?)?,
        credential_version: integer(row, 4)?,
        authenticated_at: row.integer(5)?.map(Timestamp::from_millis),
        remembered: integer(row, 6)? != 0,
        user_agent: text(row, 7)?,
        address: text(row, 8)?,
        values: serde_json::from_str(&text(row, 9)?)?,
        created_at: time(10)?,
        seen_at: time(11)?,
        expires_at: time(12)?,
        absolute_expires_at: time(13)?,
    })
}

fn text(row: &impl Columns, column: usize) -> Result<String, RowError> {
    row.text(column)?.ok_or(RowError::Null(column))
}

fn integer(row: &impl Columns, column: usize) -> Result<i64, RowError> {
    row.integer(column)?.ok_or(RowError::Null(column))
}

fn methods(text: &str) -> Result<Vec<Method>, RowError> {
    let unfamiliar = || RowError::Unfamiliar { column: "methods", text: text.to_owned() };
    text.split_whitespace().map(|method| Method::parse(method).ok_or_else(unfamiliar)).collect()
}
