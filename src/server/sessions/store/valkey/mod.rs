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

mod calls;
mod connection;
mod fields;
mod keys;
mod purge;
mod scripts;

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use redis::{RedisError, cmd};

pub use self::connection::ValkeyError;
use self::{
    connection::Connection,
    fields::value_field,
    keys::{Index, Keys, parse_index_member},
    scripts::Scripts,
};
use super::{
    Lookup, Revocation, Selection, Store, StoreError,
    row::{end_reason, readable},
};
use crate::{
    model::EndReason,
    server::{
        config::{SessionsConfig, ValkeyUrl},
        db::{
            Database, Transaction,
            ended_sessions::{self, Found},
            events, lock_account,
        },
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp, error_chain},
        sessions::{Changes, IdHash, LatestExpiry, StoredSession, Values, expiry_event, revocation_event},
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
                tracing::warn!(cause = %error_chain(&error), "an ended session could not be marked in Valkey");
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
