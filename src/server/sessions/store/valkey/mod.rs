//! Sessions in Valkey or Redis, one server or a cluster, beside the database with accounts and audit log.
//!
//! A page costs one call to Valkey, which reads the session, and one statement in the database, which reads the
//! account and whether the session was ended. Valkey alone could not tell: one that restarts with an older copy
//! of its data, or a replica that takes over, would bring ended sessions back to life. So the database decides
//! which sessions have ended, and Valkey holds what changes often: values and times. If it loses all of it, people
//! sign in again.
//!
//! What ends or rotates sessions of accounts is a transaction of the database. Changes of one session in Valkey
//! are scripts. The index of an account lists a session before it exists, so that it cannot be missed.

mod connection;
mod fields;
mod keys;
mod scripts;

use std::{
    collections::HashMap,
    io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use redis::{FromRedisValue, RedisError, RedisResult, Script, ScriptInvocation, cmd};

use self::{
    connection::{Connection, is_read_only},
    fields::{Fields, fields, value_field},
    keys::{Index, Keys, index_member, parse_index_member, shards},
    scripts::Scripts,
};
use super::{
    Lookup, Revocation, Selection, Store, StoreError,
    row::{end_reason, lookup_without_account, readable, stored_session},
};
use crate::{
    model::EndReason,
    server::{
        config::{ConfigError, SessionsConfig, ValkeyUrl},
        db::{
            Database, Transaction,
            ended_sessions::{self, Found},
            events, lock_account,
        },
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
        sessions::{
            Changes, IdHash, LatestExpiry, StoredSession, Values, expiry_event, forgotten_at,
            revocation_event,
        },
    },
};

/// Calls under way at a time, of those that ask for many sessions.
const CONCURRENT_CALLS: usize = 64;

/// [`Store`] in Valkey.
#[derive(Debug)]
pub struct ValkeyStore {
    url: ValkeyUrl,
    timeout: Duration,
    connection: RwLock<Connection>,
    scripts: Scripts,
    keys: Keys,
    db: Database,
}

/// Why there is no connection to Valkey.
#[derive(Debug, thiserror::Error)]
pub enum ValkeyError {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("the certificates cannot be read")]
    Certificates(#[from] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        Self::Backend(Box::new(error))
    }
}

impl ValkeyStore {
    /// Connects to the server. `db` holds the accounts and the audit log.
    ///
    /// # Errors
    /// If there is no server, or it does not let us in.
    pub async fn connect(url: ValkeyUrl, config: &SessionsConfig, db: Database) -> Result<Self, ValkeyError> {
        let timeout = config.store_timeout;
        let connection = RwLock::new(Connection::open(&url, timeout).await?);
        let keys = Keys::new(config.key_prefix.clone());
        Ok(Self { url, timeout, connection, scripts: Scripts::new(), keys, db })
    }

    fn connection(&self) -> Connection {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        let result = self.connection().invoke(script).await;
        self.reconnect_if_read_only(result).await
    }

    /// After a failover the connection may lead to a server that only reads.
    async fn reconnect_if_read_only<T>(&self, result: RedisResult<T>) -> Result<T, StoreError> {
        if result.as_ref().is_err_and(is_read_only)
            && let Ok(connection) = Connection::open(&self.url, self.timeout).await
        {
            *self.connection.write().unwrap_or_else(PoisonError::into_inner) = connection;
        }
        Ok(result?)
    }

    /// What Valkey knows of a session. The account is missing.
    async fn read(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let fields = self.connection().read(cmd("HGETALL").arg(self.keys.session(id))).await?;
        let lookup =
            Fields::new(id, fields).and_then(|fields| readable(lookup_without_account(&fields, now)));
        Ok(lookup.unwrap_or(Lookup::Unknown))
    }

    async fn read_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let calls = stream::iter(ids.to_vec()).map(async |id| self.read(&id, now).await);
        calls.buffered(CONCURRENT_CALLS).try_collect().await
    }

    /// Inserts a session, after it has been listed in the index of its account.
    async fn insert(&self, session: &StoredSession, values: &Values) -> Result<(), StoreError> {
        let (id, now) = (&session.id_hash, session.seen_at);
        let mut place = (Index::Forgetting, forgotten_at(session));
        if let Some(account) = &session.account {
            place = (Index::Expiry { remembered: session.remembered }, session.expires_at);
            let mut index = self.scripts.index.key(self.keys.account(account));
            index.arg(index_member(&session.handle, id)).arg(session.absolute_expires_at.millis());
            self.invoke::<()>(index.arg(millis_until(session.absolute_expires_at, now))).await?;
        }
        let mut create = self.scripts.create.key(self.keys.session(id));
        create.key(self.keys.index_beside(id, place.0));
        create.arg(millis_until(forgotten_at(session), now)).arg(id.as_str()).arg(place.1.millis());
        for (field, text) in fields(session, values)? {
            create.arg(field).arg(text);
        }
        if self.invoke(&create).await? { Ok(()) } else { Err(StoreError::Exists) }
    }

    /// Marks a live session as ended; returns what it was.
    async fn mark_ended(
        &self,
        id: &IdHash,
        reason: EndReason,
        at: Timestamp,
    ) -> Result<Option<StoredSession>, StoreError> {
        let mut script = self.with_all_indexes(&self.scripts.end, id);
        let fields = self.invoke(script.arg(at.millis()).arg(id.as_str()).arg(reason.as_str())).await?;
        self.without_index_entry(Fields::new(id, fields)).await
    }

    /// Marks a session as expired, if it is; returns what it was.
    async fn mark_expired(&self, id: &IdHash, now: Timestamp) -> Result<Option<StoredSession>, StoreError> {
        let mut script = self.with_all_indexes(&self.scripts.expire, id);
        script.arg(now.millis()).arg(id.as_str());
        script.arg(EndReason::ExpiredIdle.as_str()).arg(EndReason::ExpiredAbsolute.as_str());
        let fields = self.invoke(&script).await?;
        self.without_index_entry(Fields::new(id, fields)).await
    }

    fn with_all_indexes<'a>(&self, script: &'a Script, id: &IdHash) -> ScriptInvocation<'a> {
        let mut script = script.key(self.keys.session(id));
        for index in Index::EXPIRIES {
            script.key(self.keys.index_beside(id, index));
        }
        script.key(self.keys.index_beside(id, Index::Forgetting));
        script
    }

    /// Removes a session that is over from the index of its account.
    async fn without_index_entry(&self, fields: Option<Fields>) -> Result<Option<StoredSession>, StoreError> {
        let session = fields.and_then(|fields| readable(stored_session(&fields)));
        if let Some((session, account)) =
            session.as_ref().and_then(|session| Some((session, session.account.as_ref()?)))
        {
            let mut command = cmd("ZREM");
            command.arg(self.keys.account(account)).arg(index_member(&session.handle, &session.id_hash));
            self.connection().query::<()>(&command).await?;
        }
        Ok(session)
    }

    /// The live sessions of an account that the database does not know as ended.
    async fn live_sessions_of(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let mut command = cmd("ZRANGEBYSCORE");
        command.arg(self.keys.account(account)).arg(format!("({}", now.millis())).arg("+inf");
        let members: Vec<String> = self.connection().read(&command).await?;
        let ids: Vec<_> = members.iter().filter_map(|member| Some(parse_index_member(member)?.1)).collect();
        let lookups = self.load_many(&ids, now).await?;
        Ok(lookups.into_iter().filter_map(live_session).collect())
    }

    /// The hashes of the ids in these indexes of all shards that have such a score, up to `max`.
    async fn find_in(
        &self,
        indexes: &[Index],
        (from, to): (&str, &str),
        max: usize,
    ) -> Result<Vec<IdHash>, StoreError> {
        let connection = self.connection();
        let mut commands = Vec::new();
        for shard in shards() {
            for index in indexes {
                let mut command = cmd("ZRANGEBYSCORE");
                command.arg(self.keys.index(shard, *index)).arg(from).arg(to);
                command.arg("LIMIT").arg(0).arg(max);
                commands.push(command);
            }
        }
        let calls = stream::iter(commands).map(|command| {
            let connection = connection.clone();
            async move { connection.read::<Vec<String>>(&command).await }
        });
        let ids: Vec<Vec<String>> = calls.buffered(CONCURRENT_CALLS).try_collect().await?;
        Ok(ids.into_iter().flatten().take(max).map(IdHash::from_stored).collect())
    }

    /// Leaves the tombstones of sessions that have expired.
    async fn expire_all(&self, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let ids = self.find_in(&Index::EXPIRIES, ("-inf", &now.millis().to_string()), max).await?;
        let calls = stream::iter(ids.clone()).map(async |id| self.mark_expired(&id, now).await);
        let expired: Vec<Option<StoredSession>> = calls.buffered(CONCURRENT_CALLS).try_collect().await?;
        let events: Vec<_> = expired.iter().flatten().filter_map(expiry_event).collect();
        if !events.is_empty() {
            let mut transaction = self.db.begin().await?;
            events::append_all(&mut transaction, &events).await?;
            transaction.commit().await?;
        }
        Ok(ids.len())
    }

    /// Brings down what expires later than it can.
    async fn shorten(&self, latest: &LatestExpiry, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let index = Index::Expiry { remembered: latest.remembered };
        let later = format!("({}", latest.expires_at.millis());
        let ids = self.find_in(&[index], (&later, "+inf"), max).await?;
        for id in &ids {
            let mut script = self.scripts.shorten.key(self.keys.session(id));
            script.key(self.keys.index_beside(id, index)).arg(now.millis()).arg(id.as_str());
            script.arg(latest.expires_at.millis()).arg(latest.absolute_expires_at.millis());
            self.invoke::<()>(&script).await?;
        }
        Ok(ids.len())
    }

    /// Removes old tombstones and expired anonymous sessions.
    async fn forget(&self, now: Timestamp, max: usize) -> Result<usize, StoreError> {
        let ids = self.find_in(&[Index::Forgetting], ("-inf", &now.millis().to_string()), max).await?;
        for id in &ids {
            let mut script = self.scripts.forget.key(self.keys.session(id));
            script.key(self.keys.index_beside(id, Index::Forgetting)).arg(now.millis());
            self.invoke::<()>(script.arg(id.as_str())).await?;
        }
        Ok(ids.len())
    }

    /// Records in the database that these sessions have ended. Returns those that had not before.
    async fn record_ends(
        &self,
        transaction: &mut Transaction,
        revocation: &Revocation,
        sessions: Vec<StoredSession>,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let mut ended = Vec::with_capacity(sessions.len());
        for session in sessions {
            let (id, until) = (session.id_hash.as_str(), session.absolute_expires_at);
            if ended_sessions::record(transaction, id, revocation.reason.as_str(), until).await? {
                events::append_all(transaction, revocation_event(revocation, &session).as_slice()).await?;
                ended.push(session);
            }
        }
        Ok(ended)
    }
}

#[async_trait]
impl Store for ValkeyStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return self.insert(session, &session.values).await;
        }
        let mut transaction = self.db.begin().await?;
        events::append_all(&mut transaction, events).await?;
        self.insert(session, &session.values).await?;
        Ok(transaction.commit().await?)
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let mut lookup = self.read(id, now).await?;
        if let Lookup::Live(live) = &mut lookup
            && let Some(account) = &live.session.account
        {
            match ended_sessions::find(&self.db, id.as_str(), account).await? {
                Found::Ended(reason) => lookup = ended(reason),
                Found::Account(account) => live.account = account.map(Arc::new),
            }
        }
        Ok(lookup)
    }

    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let mut lookups = self.read_many(ids, now).await?;
        let live = lookups.iter().filter_map(|lookup| match lookup {
            Lookup::Live(live) => Some((live.session.id_hash.as_str(), live.session.account.as_ref()?)),
            _ => None,
        });
        let live: Vec<_> = live.collect();
        if live.is_empty() {
            return Ok(lookups);
        }
        let mut found: HashMap<_, _> =
            ended_sessions::find_many(&self.db, &live).await?.into_iter().collect();
        for (id, lookup) in ids.iter().zip(&mut lookups) {
            match (found.remove(id.as_str()), &mut *lookup) {
                (Some(Found::Ended(reason)), _) => *lookup = ended(reason),
                (Some(Found::Account(account)), Lookup::Live(live)) => live.account = account.map(Arc::new),
                _ => {}
            }
        }
        Ok(lookups)
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let (set, removed): (Vec<_>, Vec<_>) = changes.iter().partition(|(_, change)| change.is_some());
        let mut script = self.scripts.merge.key(self.keys.session(id));
        script.arg(now.millis()).arg(set.len());
        for (key, value) in set {
            script.arg(value_field(key)).arg(serde_json::to_string(value)?);
        }
        for (key, _) in removed {
            script.arg(value_field(key));
        }
        self.invoke(&script).await
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        let id = &session.id_hash;
        let mut script = self.scripts.touch.key(self.keys.session(id));
        script.key(self.keys.index_beside(id, Index::Expiry { remembered: session.remembered }));
        script.key(self.keys.index_beside(id, Index::Forgetting)).arg(now.millis()).arg(id.as_str());
        script.arg(session.expires_at.millis()).arg(session.absolute_expires_at.millis());
        let authenticated_at = session.authenticated_at.map(|at| at.millis().to_string());
        self.invoke(script.arg(authenticated_at.unwrap_or_default())).await
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
            let (replaced, until) = (EndReason::Replaced.as_str(), new.absolute_expires_at);
            if !ended_sessions::record(&mut transaction, old.as_str(), replaced, until).await? {
                return Ok(None);
            }
        }
        if self.read(&new.id_hash, now).await? != Lookup::Unknown {
            return Err(StoreError::Exists);
        }
        let Some(ended) = self.mark_ended(old, EndReason::Replaced, now).await? else { return Ok(None) };
        self.insert(new, &ended.values).await?;
        events::append_all(&mut transaction, events).await?;
        transaction.commit().await?;
        Ok(Some(ended.values))
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        self.live_sessions_of(account, now).await
    }

    async fn end(&self, revocation: &Revocation) -> Result<Vec<SessionHandle>, StoreError> {
        let (reason, at) = (revocation.reason, revocation.at);
        let by_id = match &revocation.sessions {
            Selection::ById(id) => live_session(self.read(id, at).await?),
            _ => None,
        };
        let account =
            by_id.as_ref().map_or(revocation.sessions.account(), |session| session.account.as_ref());
        let Some(account) = account else {
            let Selection::ById(id) = &revocation.sessions else { return Ok(Vec::new()) };
            let ended = self.mark_ended(id, reason, at).await?;
            return Ok(ended.into_iter().map(|session| session.handle).collect());
        };
        let mut transaction = self.db.begin().await?;
        lock_account(&mut transaction, account).await?;
        let mut sessions = self.live_sessions_of(account, at).await?;
        sessions.retain(|session| revocation.sessions.selects(session));
        let ended = self.record_ends(&mut transaction, revocation, sessions).await?;
        transaction.commit().await?;
        for session in &ended {
            // It is over in any case. Until Valkey knows, it merely takes up more space than a tombstone.
            if let Err(error) = self.mark_ended(&session.id_hash, reason, at).await {
                tracing::warn!(cause = %crate::server::domain::error_chain(&error), "an ended session could not be marked in Valkey");
            }
        }
        Ok(ended.into_iter().map(|session| session.handle).collect())
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let Some(session) = self.mark_expired(id, now).await? else { return Ok(()) };
        let mut transaction = self.db.begin().await?;
        events::append_all(&mut transaction, expiry_event(&session).as_slice()).await?;
        Ok(transaction.commit().await?)
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        let forgotten = ended_sessions::forget(&self.db, now, i64::try_from(max).unwrap_or(i64::MAX)).await?;
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let mut done = self.expire_all(now, max).await?.max(self.forget(now, max).await?);
        for latest in latest {
            done = done.max(self.shorten(latest, now, max).await?);
        }
        Ok(forgotten.max(u64::try_from(done).unwrap_or(u64::MAX)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connection().read::<()>(&cmd("PING")).await?)
    }
}

fn live_session(lookup: Lookup) -> Option<StoredSession> {
    match lookup {
        Lookup::Live(live) => Some(Arc::unwrap_or_clone(live.session)),
        _ => None,
    }
}

fn ended(reason: String) -> Lookup {
    readable(end_reason(reason)).map_or(Lookup::Unknown, Lookup::Ended)
}

/// At least one millisecond: a key with no time to live would be gone before it is there.
fn millis_until(time: Timestamp, now: Timestamp) -> i64 {
    (time.millis() - now.millis()).max(1)
}
