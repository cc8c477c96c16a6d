//! Sessions in the database.

#[cfg(test)]
mod plans;
mod row;

use async_trait::async_trait;
use sqlx::{Row, Sqlite, SqliteConnection, sqlite::SqliteArguments};

use self::row::{lookup, readable, stored};
use super::{Changes, Ending, Handle, IdHash, Lookup, Selection, Store, StoreError, StoredSession, Values};
use crate::{
    model::EndReason,
    server::{
        audit::Event,
        clock::Timestamp,
        db::{Database, accounts::AccountId, events},
        sessions::{expiry_reason, stored::apply},
    },
};

const INSERT: &str = "INSERT INTO sessions (id_hash, handle, account_id, methods, credentials, \
    authenticated_at, remembered, user_agent, address, data, created_at, seen_at, expires_at, \
    absolute_expires_at, forgotten_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
/// A session with its account.
const LOAD: &str = "SELECT s.id_hash, s.handle, s.account_id, s.methods, s.credentials, \
    s.authenticated_at, s.remembered, s.user_agent, s.address, s.data, s.created_at, s.seen_at, s.expires_at, \
    s.absolute_expires_at, s.ended_at, s.end_reason, a.name, a.email, a.admin, \
    a.credentials AS account_credentials \
    FROM sessions s LEFT JOIN accounts a ON a.id = s.account_id WHERE s.id_hash = $1";
const LOAD_DATA: &str =
    "SELECT data FROM sessions WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const SAVE_DATA: &str =
    "UPDATE sessions SET data = $3 WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
/// The tombstone lives on as much longer as the session does.
const TOUCH: &str = "UPDATE sessions \
    SET seen_at = $2, forgotten_at = forgotten_at + $3 - expires_at, expires_at = $3 \
    WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const LIST: &str = "SELECT id_hash, handle, account_id, methods, credentials, authenticated_at, \
    remembered, user_agent, address, data, created_at, seen_at, expires_at, absolute_expires_at FROM sessions \
    WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2";
const END_THIS: &str = "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' \
    WHERE id_hash = $3 AND ended_at IS NULL AND expires_at > $1 RETURNING *";
const END_ONE: &str = "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' \
    WHERE account_id = $3 AND handle = $4 AND ended_at IS NULL AND expires_at > $1 RETURNING *";
const END_OTHERS: &str = "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' \
    WHERE account_id = $3 AND handle <> $4 AND ended_at IS NULL AND expires_at > $1 RETURNING *";
const END_ALL: &str = "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' \
    WHERE account_id = $3 AND ended_at IS NULL AND expires_at > $1 RETURNING *";
const EXPIRED: &str = "SELECT * FROM sessions \
    WHERE ended_at IS NULL AND account_id IS NOT NULL AND expires_at <= $1 LIMIT $2";
const EXPIRE: &str = "UPDATE sessions SET ended_at = expires_at, end_reason = $2, data = '{}' \
    WHERE id_hash = $1 AND ended_at IS NULL";
const FORGET: &str = "DELETE FROM sessions WHERE id_hash IN (SELECT id_hash FROM sessions \
    WHERE forgotten_at <= $1 AND (ended_at IS NOT NULL OR account_id IS NULL) LIMIT $2)";

/// [`Store`] on the application's own database.
#[derive(Clone, Debug)]
pub struct SqlStore {
    db: Database,
}

impl SqlStore {
    pub fn new(db: Database) -> Self {
        Self { db }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(cause) if cause.is_unique_violation() => StoreError::Exists,
            _ => StoreError::Backend(Box::new(error)),
        }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn create(&self, session: &StoredSession, events: &[Event]) -> Result<(), StoreError> {
        if events.is_empty() {
            insert(session, &session.values)?.execute(self.db.writer()).await?;
            return Ok(());
        }
        let mut transaction = self.db.begin().await?;
        insert(session, &session.values)?.execute(&mut *transaction).await?;
        append(&mut transaction, events).await?;
        Ok(transaction.commit().await?)
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let row = sqlx::query(LOAD).bind(id.as_str()).fetch_optional(self.db.reader()).await?;
        let lookup = row.as_ref().map(|row| lookup(row, now));
        Ok(lookup.and_then(readable).unwrap_or(Lookup::Unknown))
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.db.begin().await?;
        let Some(mut values) = live_values(&mut transaction, id, now).await? else { return Ok(false) };
        apply(changes, &mut values);
        sqlx::query(SAVE_DATA)
            .bind(id.as_str())
            .bind(now.millis())
            .bind(serde_json::to_string(&values)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        let touched = sqlx::query(TOUCH)
            .bind(id.as_str())
            .bind(now.millis())
            .bind(expires_at.millis())
            .execute(self.db.writer())
            .await?;
        Ok(touched.rows_affected() == 1)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[Event],
    ) -> Result<Option<Values>, StoreError> {
        let mut transaction = self.db.begin().await?;
        let Some(values) = live_values(&mut transaction, old, now).await? else { return Ok(None) };
        let replaced = EndReason::Replaced.as_str();
        sqlx::query(END_THIS)
            .bind(now.millis())
            .bind(replaced)
            .bind(old.as_str())
            .fetch_all(&mut *transaction)
            .await?;
        insert(new, &values)?.execute(&mut *transaction).await?;
        append(&mut transaction, events).await?;
        transaction.commit().await?;
        Ok(Some(values))
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let query = sqlx::query(LIST).bind(account.as_str()).bind(now.millis());
        let rows = query.fetch_all(self.db.reader()).await?;
        Ok(rows.iter().filter_map(|row| readable(stored(row))).collect())
    }

    async fn end(&self, which: &Selection, ending: &Ending) -> Result<Vec<Handle>, StoreError> {
        let mut transaction = self.db.begin().await?;
        let rows = end(which, ending).fetch_all(&mut *transaction).await?;
        let mut handles = Vec::with_capacity(rows.len());
        for row in &rows {
            handles.push(Handle::new(row.try_get("handle")?));
            if let Some(session) = readable(stored(row)) {
                append(&mut transaction, Event::of_ending(ending, &session).as_slice()).await?;
            }
        }
        transaction.commit().await?;
        Ok(handles)
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let expired = self.expire(now, most).await?;
        let forgotten = sqlx::query(FORGET).bind(now.millis()).bind(most).execute(self.db.writer()).await?;
        Ok(expired.max(forgotten.rows_affected()))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }
}

impl SqlStore {
    /// Turns expired sessions into tombstones.
    async fn expire(&self, now: Timestamp, most: i64) -> Result<u64, StoreError> {
        let query = sqlx::query(EXPIRED).bind(now.millis()).bind(most);
        if query.fetch_optional(self.db.reader()).await?.is_none() {
            return Ok(0); // as nearly always; and the writer was left alone
        }
        let mut transaction = self.db.begin().await?;
        let rows = sqlx::query(EXPIRED).bind(now.millis()).bind(most).fetch_all(&mut *transaction).await?;
        for row in &rows {
            let session = readable(stored(row));
            let reason = session.as_ref().map_or(EndReason::ExpiredIdle, expiry_reason);
            sqlx::query(EXPIRE)
                .bind(row.try_get::<String, _>("id_hash")?)
                .bind(reason.as_str())
                .execute(&mut *transaction)
                .await?;
            append(&mut transaction, session.as_ref().and_then(Event::of_expiry).as_slice()).await?;
        }
        transaction.commit().await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

fn insert<'a>(session: &'a StoredSession, values: &Values) -> Result<Query<'a>, StoreError> {
    let methods: Vec<_> = session.methods.iter().map(|method| method.as_str()).collect();
    Ok(sqlx::query(INSERT)
        .bind(session.id_hash.as_str())
        .bind(session.handle.as_str())
        .bind(session.account.as_ref().map(AccountId::as_str))
        .bind(methods.join(" "))
        .bind(session.credentials)
        .bind(session.authenticated_at.map(Timestamp::millis))
        .bind(i64::from(session.remembered))
        .bind(&session.user_agent)
        .bind(&session.address)
        .bind(serde_json::to_string(values)?)
        .bind(session.created_at.millis())
        .bind(session.seen_at.millis())
        .bind(session.expires_at.millis())
        .bind(session.absolute_expires_at.millis())
        .bind(session.forgotten_at().millis()))
}

fn end<'a>(which: &'a Selection, ending: &Ending) -> Query<'a> {
    let ended = |sql| sqlx::query(sql).bind(ending.at.millis()).bind(ending.reason.as_str());
    match which {
        Selection::This(id) => ended(END_THIS).bind(id.as_str()),
        Selection::One(account, handle) => ended(END_ONE).bind(account.as_str()).bind(handle.as_str()),
        Selection::Others(account, handle) => ended(END_OTHERS).bind(account.as_str()).bind(handle.as_str()),
        Selection::All(account) => ended(END_ALL).bind(account.as_str()),
    }
}

async fn append(connection: &mut SqliteConnection, events: &[Event]) -> Result<(), StoreError> {
    for event in events {
        events::append(connection, event).await?;
    }
    Ok(())
}

async fn live_values(
    connection: &mut SqliteConnection,
    id: &IdHash,
    now: Timestamp,
) -> Result<Option<Values>, StoreError> {
    let query = sqlx::query(LOAD_DATA).bind(id.as_str()).bind(now.millis());
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    let data: String = row.try_get("data")?;
    Ok(Some(serde_json::from_str(&data)?))
}
