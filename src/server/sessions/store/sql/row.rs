//! From a row to a session.

use sqlx::{Row, sqlite::SqliteRow};

use crate::{
    model::EndReason,
    server::{
        clock::Timestamp,
        db::accounts::{Account, AccountId},
        error::chain,
        sessions::{Found, Handle, IdHash, Lookup, Method, StoredSession, expiry_reason},
    },
};

/// Why a row makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error("a column holds what it cannot hold")]
    Column(#[from] sqlx::Error),
    #[error("the values are not a JSON object")]
    Values(#[from] serde_json::Error),
    #[error("{column} is \"{text}\", which this version does not know")]
    Unfamiliar { column: &'static str, text: String },
}

/// A row that nobody can read is no session, and one line in the log.
pub fn readable<T>(row: Result<T, RowError>) -> Option<T> {
    row.inspect_err(|error| tracing::error!(cause = %chain(error), "a stored session cannot be read")).ok()
}

pub fn lookup(row: &SqliteRow, now: Timestamp) -> Result<Lookup, RowError> {
    if row.try_get::<Option<i64>, _>("ended_at")?.is_some() {
        let text: String = row.try_get("end_reason")?;
        let unfamiliar = |text| RowError::Unfamiliar { column: "end_reason", text };
        return EndReason::parse(&text).map(Lookup::Ended).ok_or_else(|| unfamiliar(text));
    }
    let session = stored(row)?;
    if !session.is_live(now) {
        return Ok(Lookup::Ended(expiry_reason(&session)));
    }
    let account = account(&session, row)?;
    Ok(Lookup::Live(Box::new(Found { session, account })))
}

fn account(session: &StoredSession, row: &SqliteRow) -> Result<Option<Account>, RowError> {
    let (Some(id), Some(name)) = (&session.account, row.try_get("name")?) else { return Ok(None) };
    Ok(Some(Account {
        id: id.clone(),
        name,
        email: row.try_get("email")?,
        admin: row.try_get::<i64, _>("admin")? != 0,
        credentials: row.try_get("account_credentials")?,
    }))
}

pub fn stored(row: &SqliteRow) -> Result<StoredSession, RowError> {
    let moment = |column| row.try_get(column).map(Timestamp::from_millis);
    Ok(StoredSession {
        id_hash: IdHash::from_stored(row.try_get("id_hash")?),
        handle: Handle::new(row.try_get("handle")?),
        account: row.try_get::<Option<String>, _>("account_id")?.map(AccountId::new),
        methods: methods(row.try_get("methods")?)?,
        credentials: row.try_get("credentials")?,
        authenticated_at: row.try_get::<Option<i64>, _>("authenticated_at")?.map(Timestamp::from_millis),
        remembered: row.try_get::<i64, _>("remembered")? != 0,
        user_agent: row.try_get("user_agent")?,
        address: row.try_get("address")?,
        values: serde_json::from_str(row.try_get("data")?)?,
        created_at: moment("created_at")?,
        seen_at: moment("seen_at")?,
        expires_at: moment("expires_at")?,
        absolute_expires_at: moment("absolute_expires_at")?,
    })
}

fn methods(text: &str) -> Result<Vec<Method>, RowError> {
    let unfamiliar = || RowError::Unfamiliar { column: "methods", text: text.to_owned() };
    text.split_whitespace().map(|method| Method::parse(method).ok_or_else(unfamiliar)).collect()
}
