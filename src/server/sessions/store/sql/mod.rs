//! Sessions in the database that also holds the accounts and the audit log.

mod ending;
mod statements;

use std::collections::HashMap;

use self::{
    ending::{end, end_of_any_account, expire, record_ends},
    statements as sql,
};
use super::{
    EndedBatch, Lookup, Revocation, Selection, Store, StoreError,
    row::{lookup, readable, stored_session},
};
use crate::{
    model::EndReason,
    server::{
        db::{Database, DatabaseError, Query, Row, Statement, Transaction, events, lock_account},
        domain::{AccountId, SecurityEvent, Timestamp},
        sessions::{Changes, IdHash, LatestExpiry, StoredSession, Values, apply, forgotten_at},
    },
};
use async_trait::async_trait;

/// [`Store`] in the application's own database.
#[derive(Clone, Debug)]
pub struct SqlStore {
    db: Database,
}

impl SqlStore {
    /// Every statement that it runs on sessions.
    pub const STATEMENTS: &[Statement] = sql::STATEMENTS;

    pub fn new(db: Database) -> Self {
        Self { db }
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        if error.is_unique_violation() { StoreError::Exists } else { StoreError::Backend(Box::new(error)) }
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            insert(session, &session.values)?.execute(self.db.unsynced_writer()).await?;
            return Ok(());
        }
        let mut transaction = self.db.begin().await?;
        insert(session, &session.values)?.execute(&mut transaction).await?;
        events::append_all(&mut transaction, events).await?;
        Ok(transaction.commit().await?)
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let row = self.db.find(sql::LOAD, &[id.as_str()], |row| lookup(row, now)).await?;
        Ok(row.and_then(readable).unwrap_or(Lookup::Unknown))
    }

    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let json: Vec<_> = ids.iter().map(IdHash::as_str).collect();
        let rows = sql::LOAD_MANY.bind(serde_json::to_string(&json)?).fetch_all(self.db.reader()).await?;
        let mut found = HashMap::with_capacity(rows.len());
        for row in &rows {
            found.insert(row.text(0)?, lookup(row, now));
        }
        let lookup = |id: &IdHash| found.remove(id.as_str()).and_then(readable).unwrap_or(Lookup::Unknown);
        Ok(ids.iter().map(lookup).collect())
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.db.begin_unsynced().await?;
        let Some(mut values) = live_values(&mut transaction, id, now).await? else { return Ok(false) };
        apply(changes, &mut values);
        sql::SAVE_DATA
            .bind(id.as_str())
            .bind(now.millis())
            .bind(serde_json::to_string(&values)?)
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        let touched = sql::TOUCH
            .bind(session.id_hash.as_str())
            .bind(now.millis())
            .bind(session.expires_at.millis())
            .bind(session.absolute_expires_at.millis())
            .bind(session.authenticated_at.map(Timestamp::millis))
            .execute(self.db.unsynced_writer())
            .await?;
        Ok(touched == 1)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        let mut transaction = self.db.begin().await?;
        if let Some(account) = &new.account {
            lock_account(&mut transaction, account).await?;
        }
        let Some(values) = live_values(&mut transaction, old, now).await? else { return Ok(None) };
        sql::END_BY_ID
            .bind(now.millis())
            .bind(EndReason::Replaced.as_str())
            .bind(old.as_str())
            .fetch_all(&mut transaction)
            .await?;
        insert(new, &values)?.execute(&mut transaction).await?;
        events::append_all(&mut transaction, events).await?;
        transaction.commit().await?;
        Ok(Some(values))
    }

    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let query = sql::LIST.bind(account.as_str()).bind(now.millis()).bind(i64::from(max));
        let rows = query.fetch_all(self.db.reader()).await?;
        Ok(rows.iter().filter_map(|row| readable(stored_session(row))).collect())
    }

    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError> {
        let mut transaction = self.db.begin().await?;
        let batch = match &revocation.sessions {
            Selection::AllAccounts => end_of_any_account(&mut transaction, revocation, max).await?,
            one => {
                if let Some(account) = one.account() {
                    lock_account(&mut transaction, account).await?;
                }
                let rows = end(revocation, max).fetch_all(&mut transaction).await?;
                let more = rows.len() >= usize::try_from(max).unwrap_or(usize::MAX);
                EndedBatch { handles: record_ends(&mut transaction, revocation, &rows).await?, more }
            }
        };
        transaction.commit().await?;
        Ok(batch)
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.db.begin_unsynced().await?;
        let query = sql::EXPIRED_BY_ID.bind(id.as_str()).bind(now.millis());
        if let Some(row) = query.fetch_optional(&mut transaction).await? {
            expire(&mut transaction, &row).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let mut done = self.expire_all(now, max).await?;
        for latest in latest {
            done = done.max(self.shorten(latest, max).await?);
        }
        let forgotten = sql::FORGET.bind(now.millis()).bind(max).execute(self.db.unsynced_writer()).await?;
        Ok(done.max(forgotten))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }
}

impl SqlStore {
    /// Leaves the tombstones of sessions that have expired.
    async fn expire_all(&self, now: Timestamp, max: i64) -> Result<u64, StoreError> {
        let query = sql::ANY_EXPIRED.bind(now.millis());
        if query.fetch_optional(self.db.reader()).await?.is_none() {
            return Ok(0); // mostly so, and the writer was left alone
        }
        let mut transaction = self.db.begin_unsynced().await?;
        let rows = sql::EXPIRED.bind(now.millis()).bind(max).fetch_all(&mut transaction).await?;
        for row in &rows {
            expire(&mut transaction, row).await?;
        }
        transaction.commit().await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Brings down what expires later than it can.
    async fn shorten(&self, latest: &LatestExpiry, max: i64) -> Result<u64, StoreError> {
        let (remembered, expires_at) = (i64::from(latest.remembered), latest.expires_at.millis());
        let query = sql::TOO_LATE.bind(remembered).bind(expires_at);
        if query.fetch_optional(self.db.reader()).await?.is_none() {
            return Ok(0);
        }
        let shortened = sql::SHORTEN
            .bind(remembered)
            .bind(expires_at)
            .bind(latest.absolute_expires_at.millis())
            .bind(max)
            .execute(self.db.unsynced_writer())
            .await?;
        Ok(shortened)
    }
}

fn insert(session: &StoredSession, values: &Values) -> Result<Query, StoreError> {
    let methods: Vec<_> = session.methods.iter().map(|method| method.as_str()).collect();
    Ok(sql::INSERT
        .bind(session.id_hash.as_str())
        .bind(session.handle.as_str())
        .bind(session.account.as_ref().map(AccountId::as_str))
        .bind(methods.join(" "))
        .bind(session.credential_version)
        .bind(session.authenticated_at.map(Timestamp::millis))
        .bind(i64::from(session.remembered))
        .bind(session.user_agent.as_str())
        .bind(session.address.as_str())
        .bind(serde_json::to_string(values)?)
        .bind(session.created_at.millis())
        .bind(session.seen_at.millis())
        .bind(session.expires_at.millis())
        .bind(session.absolute_expires_at.millis())
        .bind(forgotten_at(session).millis()))
}

async fn live_values(
    transaction: &mut Transaction,
    id: &IdHash,
    now: Timestamp,
) -> Result<Option<Values>, StoreError> {
    let query = sql::LOAD_DATA.bind(id.as_str()).bind(now.millis());
    let Some(row) = query.fetch_optional(transaction).await? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&row.text(0)?)?))
}
