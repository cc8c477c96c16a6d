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
mod ending;
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
    keys::{Index, Keys},
    scripts::Scripts,
};
use super::{
    EndedBatch, Lookup, Revocation, Selection, Store, StoreError,
    row::{end_reason, readable},
};
use crate::server::{
    config::{SessionsConfig, ValkeyUrl},
    db::{
        Database,
        ended_sessions::{self, SessionRecord},
    },
    domain::{AccountId, SecurityEvent, Timestamp},
    sessions::{Changes, IdHash, LatestExpiry, StoredSession, Values},
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
        let connection = Connection::open(&url, timeout).await?;
        let connection = RwLock::new(connection);
        let keys = Keys::new(config.key_prefix.clone());
        Ok(Self { url, timeout, connection, scripts: Scripts::new(), keys, db })
    }
}

#[async_trait]
impl Store for ValkeyStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return self.insert(session, &session.values).await;
        }
        self.create_with(session, events).await
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let mut lookup = self.read(id, now).await?;
        if let Lookup::Live(live) = &mut lookup
            && let Some(account) = &live.session.account
        {
            match ended_sessions::find(&self.db, id.as_str(), account).await? {
                SessionRecord::Ended(reason) => lookup = ended(reason),
                SessionRecord::NotEnded(account) => live.account = account.map(Arc::new),
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
                (Some(SessionRecord::Ended(reason)), _) => *lookup = ended(reason),
                (Some(SessionRecord::NotEnded(account)), Lookup::Live(live)) => {
                    live.account = account.map(Arc::new)
                }
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
        let is_live = self.invoke(script.arg(authenticated_at.unwrap_or_default())).await?;
        if is_live {
            // Should it have lost the entry: the two are not kept on the same server of a cluster.
            self.list_in_index(session, now).await?;
        }
        Ok(is_live)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        self.replace(old, new, now, events).await
    }

    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let lookups = self.load_many(&self.ids_of(account, now, max).await?, now).await?;
        Ok(lookups.into_iter().filter_map(live_session).collect())
    }

    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let id = match &revocation.sessions {
            Selection::ById(id) => id,
            Selection::AllAccounts => return self.end_of_any_account(revocation, max).await,
            Selection::ByHandle(account, _)
            | Selection::AllExcept(account, _)
            | Selection::All(account)
            | Selection::LeastRecentlyUsed { account, .. } => {
                return self.end_sessions_of(account, revocation, None, max).await;
            }
        };
        let session = live_session(self.read(id, revocation.at).await?);
        let Some(session) = session else { return Ok(EndedBatch::default()) };
        if let Some(account) = &session.account {
            return self.end_sessions_of(account, revocation, Some(&session), max).await;
        }
        let ended = self.mark_ended(id, revocation.reason, revocation.at).await?;
        let handles = ended.into_iter().map(|session| session.handle).collect();
        Ok(EndedBatch { handles, more: false })
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let expired = self.record_expiries(self.fields(id).await?.into_iter(), now).await?;
        self.mark_expired(id, now).await?;
        for session in &expired {
            self.remove_from_index(session).await;
        }
        Ok(())
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
