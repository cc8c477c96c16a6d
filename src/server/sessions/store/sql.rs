//! Sessions in the database.

use async_trait::async_trait;
use sqlx::{Row, Sqlite, sqlite::SqliteArguments, sqlite::SqliteRow};

use super::{Changes, EndReason, Method, Store, StoreError, StoredSession, Values};
use crate::server::{
    clock::Timestamp,
    db::{Database, accounts::AccountId},
    sessions::{Handle, IdHash},
};

const INSERT: &str = "INSERT INTO sessions (id_hash, handle, account_id, methods, authenticated_at, \
    remembered, user_agent, address, data, created_at, seen_at, expires_at, absolute_expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const LOAD: &str = "SELECT handle, account_id, methods, authenticated_at, remembered, user_agent, \
    address, data, created_at, seen_at, expires_at, absolute_expires_at FROM sessions \
    WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const LOAD_DATA: &str =
    "SELECT data FROM sessions WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const SAVE_DATA: &str =
    "UPDATE sessions SET data = $3 WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const TOUCH: &str = "UPDATE sessions SET seen_at = $2, expires_at = $3 \
    WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const END: &str = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
    WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
const PURGE: &str = "DELETE FROM sessions WHERE id_hash IN \
    (SELECT id_hash FROM sessions WHERE expires_at <= $1 LIMIT $2)";

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

#[async_trait]
impl Store for SqlStore {
    async fn create(&self, session: &StoredSession) -> Result<(), StoreError> {
        insert(session)?.execute(self.db.writer()).await?;
        Ok(())
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let row =
            sqlx::query(LOAD).bind(id.as_str()).bind(now.millis()).fetch_optional(self.db.reader()).await?;
        row.map(|row| stored(id, &row)).transpose()
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.db.begin().await?;
        let row = sqlx::query(LOAD_DATA)
            .bind(id.as_str())
            .bind(now.millis())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(false) };
        let mut values: Values = serde_json::from_str(row.try_get("data")?)?;
        for (key, change) in changes {
            match change {
                Some(value) => values.insert(key.clone(), value.clone()),
                None => values.remove(key),
            };
        }
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

    async fn replace(&self, old: &IdHash, new: &StoredSession, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.db.begin().await?;
        end(old, EndReason::Replaced, now).execute(&mut *transaction).await?;
        insert(new)?.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn end(&self, id: &IdHash, reason: EndReason, now: Timestamp) -> Result<bool, StoreError> {
        let ended = end(id, reason, now).execute(self.db.writer()).await?;
        Ok(ended.rows_affected() == 1)
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let purged = sqlx::query(PURGE).bind(now.millis()).bind(most).execute(self.db.writer()).await?;
        Ok(purged.rows_affected())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

fn insert(session: &StoredSession) -> Result<Query<'_>, StoreError> {
    let methods: Vec<_> = session.methods.iter().map(|method| method.as_str()).collect();
    Ok(sqlx::query(INSERT)
        .bind(session.id_hash.as_str())
        .bind(session.handle.as_str())
        .bind(session.account.as_ref().map(AccountId::as_str))
        .bind(methods.join(" "))
        .bind(session.authenticated_at.map(Timestamp::millis))
        .bind(i64::from(session.remembered))
        .bind(&session.user_agent)
        .bind(&session.address)
        .bind(serde_json::to_string(&session.values)?)
        .bind(session.created_at.millis())
        .bind(session.seen_at.millis())
        .bind(session.expires_at.millis())
        .bind(session.absolute_expires_at.millis()))
}

fn end(id: &IdHash, reason: EndReason, now: Timestamp) -> Query<'_> {
    sqlx::query(END).bind(id.as_str()).bind(now.millis()).bind(reason.as_str())
}

fn stored(id: &IdHash, row: &SqliteRow) -> Result<StoredSession, StoreError> {
    let moment = |column| row.try_get(column).map(Timestamp::from_millis);
    let methods: String = row.try_get("methods")?;
    Ok(StoredSession {
        id_hash: id.clone(),
        handle: Handle::new(row.try_get("handle")?),
        account: row.try_get::<Option<String>, _>("account_id")?.map(AccountId::new),
        methods: methods.split(' ').filter_map(Method::parse).collect(),
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
