//! Calls that concern one session.

use std::{
    collections::{BTreeMap, HashMap},
    sync::PoisonError,
};

use futures_util::future::try_join_all;
use redis::{FromRedisValue, RedisResult, Script, ScriptInvocation, cmd};

use super::{
    super::{
        Lookup, StoreError,
        row::{lookup_without_account, readable, stored_session},
    },
    ValkeyStore,
    connection::{Connection, is_read_only},
    fields::{Fields, fields},
    keys::{Index, index_member, shard},
};
use crate::{
    model::EndReason,
    server::{
        domain::Timestamp,
        sessions::{IdHash, StoredSession, Values, forgotten_at},
    },
};

impl ValkeyStore {
    pub(super) fn connection(&self) -> Connection {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let result = self.connection().invoke(script).await;
        self.reconnect_if_read_only(result).await
    }

    /// After a failover the connection may lead to a server that only reads.
    pub(super) async fn reconnect_if_read_only<T>(&self, result: RedisResult<T>) -> Result<T, StoreError> {
        if result.as_ref().is_err_and(is_read_only)
            && let Ok(connection) = Connection::open(&self.url, self.timeout).await
        {
            *self.connection.write().unwrap_or_else(PoisonError::into_inner) = connection;
        }
        Ok(result?)
    }

    /// What Valkey knows of a session. The account is missing.
    pub(super) async fn read(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        Ok(lookup(self.fields(id).await?, now))
    }

    /// The same for several sessions.
    pub(super) async fn read_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let fields = self.fields_of_many(ids).await?;
        Ok(fields.into_iter().map(|fields| lookup(fields, now)).collect())
    }

    /// The fields of a session; `None` if there is none.
    pub(super) async fn fields(&self, id: &IdHash) -> Result<Option<Fields>, StoreError> {
        let fields = self.connection().read(cmd("HGETALL").arg(self.keys.session(id))).await?;
        Ok(Fields::new(id, fields))
    }

    /// The same for several sessions, with one call for each shard.
    pub(super) async fn fields_of_many(&self, ids: &[IdHash]) -> Result<Vec<Option<Fields>>, StoreError> {
        let mut shards = BTreeMap::<char, Vec<usize>>::new();
        for (position, id) in ids.iter().enumerate() {
            shards.entry(shard(id)).or_default().push(position);
        }
        let mut calls = Vec::with_capacity(shards.len());
        for positions in shards.values() {
            calls.push(self.read_shard(positions.iter().map(|position| &ids[*position])));
        }
        let mut fields_of_many: Vec<_> = ids.iter().map(|_| None).collect();
        for (positions, found) in shards.values().zip(try_join_all(calls).await?) {
            for (position, fields) in positions.iter().zip(found) {
                fields_of_many[*position] = Fields::new(&ids[*position], fields);
            }
        }
        Ok(fields_of_many)
    }

    async fn read_shard<'a>(
        &self,
        ids: impl Iterator<Item = &'a IdHash>,
    ) -> Result<Vec<HashMap<String, String>>, StoreError> {
        let mut script = self.scripts.read_many.prepare_invoke();
        for id in ids {
            script.key(self.keys.session(id));
        }
        self.invoke(&script).await
    }

    /// Inserts a session, after it has been listed in the index of its account.
    pub(super) async fn insert(&self, session: &StoredSession, values: &Values) -> Result<(), StoreError> {
        let (id, now) = (&session.id_hash, session.seen_at);
        let mut place = (Index::Forgetting, forgotten_at(session));
        if session.account.is_some() {
            place = (Index::Expiry { remembered: session.remembered }, session.expires_at);
            self.list_in_index(session, now).await?;
        }
        let mut create = self.scripts.create.key(self.keys.session(id));
        create.key(self.keys.index_beside(id, place.0));
        create.arg(millis_until(forgotten_at(session), now)).arg(id.as_str()).arg(place.1.millis());
        for (field, text) in fields(session, values)? {
            create.arg(field).arg(text);
        }
        if self.invoke(&create).await? { Ok(()) } else { Err(StoreError::Exists) }
    }

    /// Lists a session in the index of its account, if it has one.
    pub(super) async fn list_in_index(
        &self,
        session: &StoredSession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(account) = &session.account else { return Ok(()) };
        let mut index = self.scripts.index.key(self.keys.account(account));
        index.arg(index_member(&session.handle, &session.id_hash)).arg(session.absolute_expires_at.millis());
        self.invoke(index.arg(millis_until(session.absolute_expires_at, now)).arg(now.millis())).await
    }

    /// Marks a live session as ended; returns what it was.
    pub(super) async fn mark_ended(
        &self,
        id: &IdHash,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Option<StoredSession>, StoreError> {
        let mut script = self.with_all_indexes(&self.scripts.end, id);
        let fields = self.invoke(script.arg(at.millis()).arg(id.as_str()).arg(reason.as_str())).await?;
        let session = Fields::new(id, fields).and_then(|fields| readable(stored_session(&fields)));
        if let Some(session) = &session {
            self.remove_from_index(session).await;
        }
        Ok(session)
    }

    /// Marks a session as expired, if it is.
    pub(super) async fn mark_expired(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let mut script = self.with_all_indexes(&self.scripts.expire, id);
        script.arg(now.millis()).arg(id.as_str());
        script.arg(EndReason::ExpiredIdle.as_str()).arg(EndReason::ExpiredAbsolute.as_str());
        self.invoke(&script).await
    }

    fn with_all_indexes<'a>(&self, script: &'a Script, id: &IdHash) -> ScriptInvocation<'a> {
        let mut script = script.key(self.keys.session(id));
        for index in Index::EXPIRIES {
            script.key(self.keys.index_beside(id, index));
        }
        script.key(self.keys.index_beside(id, Index::Forgetting));
        script
    }

    /// Removes a session that is over from the index of its account. If that fails, the entry merely stays until
    /// the absolute expiry.
    pub(super) async fn remove_from_index(&self, session: &StoredSession) {
        let Some(account) = &session.account else { return };
        let mut command = cmd("ZREM");
        command.arg(self.keys.account(account)).arg(index_member(&session.handle, &session.id_hash));
        if let Err(error) = self.connection().query::<()>(&command).await {
            tracing::debug!(%error, "an entry of an index could not be removed");
        }
    }
}

fn lookup(fields: Option<Fields>, now: Timestamp) -> Lookup {
    let lookup = fields.and_then(|fields| readable(lookup_without_account(&fields, now)));
    lookup.unwrap_or(Lookup::Unknown)
}

/// At least one millisecond: a key with no time to live would be gone before it is there.
fn millis_until(time: Timestamp, now: Timestamp) -> i64 {
    (time.millis() - now.millis()).max(1)
}
