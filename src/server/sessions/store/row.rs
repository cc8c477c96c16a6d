//! From a row to a session.

use std::sync::Arc;

use crate::{
    model::EndReason,
    server::{
        db::{DatabaseError, Row, accounts::account_at},
        domain::{AccountId, SessionHandle, Timestamp, error_chain},
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
pub const SESSION_COLUMNS: usize = 14;

/// The names of the columns of a session and of its end.
pub fn columns() -> impl Iterator<Item = &'static str> {
    session_columns!().split(", ").chain(["ended_at", "end_reason"])
}

/// Why a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error("a column is missing, NULL or of another type")]
    Column(#[from] DatabaseError),
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
pub fn lookup(row: &dyn Row, now: Timestamp) -> Result<Lookup, RowError> {
    let mut lookup = lookup_without_account(row, now)?;
    if let Lookup::Live(live) = &mut lookup {
        let id = live.session.account.clone();
        let account = id.map(|id| account_at(row, SESSION_COLUMNS + 2, id)).transpose()?.flatten();
        live.account = account.map(Arc::new);
    }
    Ok(lookup)
}

/// Reads a session and its end.
pub fn lookup_without_account(row: &dyn Row, now: Timestamp) -> Result<Lookup, RowError> {
    if row.integer_or_null(SESSION_COLUMNS)?.is_some() {
        return end_reason(row.text(SESSION_COLUMNS + 1)?).map(Lookup::Ended);
    }
    let session = stored_session(row)?;
    if !session.is_live(now) {
        return Ok(Lookup::Expired(expiry_reason(&session)));
    }
    Ok(Lookup::Live(LiveSession { session: Arc::new(session), account: None }))
}

pub fn end_reason(text: String) -> Result<EndReason, RowError> {
    EndReason::parse(&text).ok_or(RowError::Unfamiliar { column: "end_reason", text })
}

/// Reads the columns of a session.
pub fn stored_session(row: &dyn Row) -> Result<StoredSession, RowError> {
    let time = |column| row.integer(column).map(Timestamp::from_millis);
    Ok(StoredSession {
        id_hash: IdHash::from_stored(row.text(0)?),
        handle: SessionHandle::new(row.text(1)?),
        account: row.text_or_null(2)?.map(AccountId::new),
        methods: methods(&row.text(3)?)?,
        credential_version: row.integer(4)?,
        authenticated_at: row.integer_or_null(5)?.map(Timestamp::from_millis),
        remembered: row.integer(6)? != 0,
        user_agent: row.text(7)?,
        address: row.text(8)?,
        values: serde_json::from_str(&row.text(9)?)?,
        created_at: time(10)?,
        seen_at: time(11)?,
        expires_at: time(12)?,
        absolute_expires_at: time(13)?,
    })
}

fn methods(text: &str) -> Result<Vec<Method>, RowError> {
    let unfamiliar = || RowError::Unfamiliar { column: "methods", text: text.to_owned() };
    text.split_whitespace().map(|method| Method::parse(method).ok_or_else(unfamiliar)).collect()
}
