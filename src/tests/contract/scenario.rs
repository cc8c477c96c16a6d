//! A store and the current time, with helpers for invariants.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use serde_json::json;
use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::{
        domain::{AccountId, Client, SecurityEvent, SessionHandle, Timestamp, random},
        sessions::{
            Changes, EndedBatch, IdHash, LatestExpiry, Lookup, Method, Revocation, Selection, Store,
            StoreError, StoredSession, Values,
        },
        system::SystemEntropy,
    },
};

use crate::support::{RawId, StoreUnderTest};

pub const IDLE: Duration = Duration::from_hours(1);
/// The latest idle expiry from now, for `purge`.
pub const LATEST_EXPIRY: Duration = Duration::from_hours(2);
pub const ABSOLUTE: Duration = Duration::from_hours(24);
/// How long the tombstone of a session of an account is kept after its expiry.
pub const RETENTION: Duration = Duration::from_hours(7 * 24);

pub struct Scenario {
    pub backend: Arc<dyn StoreUnderTest>,
    pub store: Arc<dyn Store>,
    pub now: Timestamp,
}

impl Scenario {
    pub fn new(backend: Arc<dyn StoreUnderTest>) -> Self {
        let store = backend.store();
        Self { backend, store, now: Timestamp::from_millis(1_767_254_400_000) }
    }

    pub fn advance(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// A session that starts now and is not stored.
    pub fn unknown(&self, account: Option<&AccountId>) -> StoredSession {
        self.session_with_id(RawId(random(&SystemEntropy)), account)
    }

    pub fn session_with_id(&self, id: RawId, account: Option<&AccountId>) -> StoredSession {
        StoredSession {
            id_hash: self.backend.key_for(id),
            handle: SessionHandle::generate(&SystemEntropy),
            account: account.cloned(),
            methods: account.map(|_| Method::Password).into_iter().collect(),
            credential_version: i64::from(account.is_some()),
            authenticated_at: account.map(|_| self.now),
            remembered: account.is_some(),
            user_agent: "Browser/1".to_owned(),
            address: "203.0.113.9".to_owned(),
            values: values(&[("colour", "red")]),
            created_at: self.now,
            seen_at: self.now,
            expires_at: self.now + IDLE,
            absolute_expires_at: self.now + ABSOLUTE,
        }
    }

    pub async fn create(&self, session: StoredSession) -> StoredSession {
        self.store.create(&session, &[]).await.expect("created");
        session
    }

    pub async fn signed_in(&self, account: &AccountId) -> StoredSession {
        self.create(self.unknown(Some(account))).await
    }

    pub async fn anonymous(&self) -> StoredSession {
        self.create(self.unknown(None)).await
    }

    /// One session that was ended, one whose expiry was stored, and one that expired since; each with
    /// the lookup to expect.
    pub async fn ended_sessions(&mut self) -> [(StoredSession, Lookup); 3] {
        let account = new_account();
        let expiry_stored = self.signed_in(&account).await;
        self.advance(IDLE);
        self.purge().await;
        let expired = self.signed_in(&account).await;
        self.advance(IDLE);
        let ended = self.signed_in(&account).await;
        self.end(Selection::ById(ended.id_hash.clone()), EndReason::PasswordChanged).await;
        [
            (ended, Lookup::Ended(EndReason::PasswordChanged)),
            (expiry_stored, Lookup::Ended(EndReason::ExpiredIdle)),
            (expired, Lookup::Expired(EndReason::ExpiredIdle)),
        ]
    }

    pub async fn load(&self, id: &IdHash) -> Lookup {
        self.store.load(id, self.now).await.expect("loaded")
    }

    /// The live session with this id.
    pub async fn live(&self, id: &IdHash) -> StoredSession {
        match self.load(id).await {
            Lookup::Live(live) => StoredSession::clone(&live.session),
            other => panic!("not live: {other:?}"),
        }
    }

    /// Asserts the end reason, whether or not an expiry has been stored yet.
    pub async fn assert_ended(&self, session: &StoredSession, reason: EndReason) {
        let found = self.load(&session.id_hash).await;
        assert!([Lookup::Ended(reason), Lookup::Expired(reason)].contains(&found), "{found:?}");
    }

    pub async fn assert_unknown(&self, session: &StoredSession) {
        assert_eq!(self.load(&session.id_hash).await, Lookup::Unknown);
    }

    pub async fn merge(&self, id: &IdHash, changes: &[(&str, Option<&str>)]) -> bool {
        self.store.merge(id, &self::changes(changes), self.now).await.expect("merged")
    }

    pub async fn touch(&self, session: &StoredSession) -> bool {
        let touched = StoredSession { expires_at: self.now + IDLE, ..session.clone() };
        self.store.touch(&touched, self.now).await.expect("touched")
    }

    /// `old` with a new id, as the engine rotates it.
    pub fn successor(&self, old: &StoredSession) -> StoredSession {
        let id_hash = self.unknown(None).id_hash;
        let (seen_at, expires_at) = (self.now, self.now + IDLE);
        StoredSession { id_hash, seen_at, expires_at, authenticated_at: Some(self.now), ..old.clone() }
    }

    pub async fn rotate(
        &self,
        old: &StoredSession,
        new: &StoredSession,
    ) -> Result<Option<Values>, StoreError> {
        self.store.rotate(&old.id_hash, new, self.now, &[]).await
    }

    /// Ends sessions; returns their handles, sorted.
    pub async fn end(&self, which: Selection, reason: EndReason) -> Vec<String> {
        let mut ended = Vec::new();
        loop {
            let batch = self.end_batch(which.clone(), reason, 100).await;
            ended.extend(batch.handles);
            if !batch.more {
                return sorted(ended);
            }
        }
    }

    /// Ends up to `max` sessions.
    pub async fn end_batch(&self, which: Selection, reason: EndReason, max: u32) -> EndedBatch {
        let revocation = Revocation { sessions: which, reason, at: self.now, client: other_client() };
        self.store.end(&revocation, max).await.expect("ended")
    }

    /// The listed handles, sorted.
    pub async fn list(&self, account: &AccountId) -> Vec<String> {
        let sessions = self.store.list(account, self.now, 100).await.expect("listed");
        sorted(sessions.into_iter().map(|session| session.handle))
    }

    pub async fn purge(&self) {
        while self.purge_batch(100).await >= 100 {}
    }

    pub async fn purge_batch(&self, max: u64) -> u64 {
        let latest = [false, true].map(|remembered| LatestExpiry {
            remembered,
            expires_at: self.now + LATEST_EXPIRY,
            absolute_expires_at: self.now + ABSOLUTE,
        });
        self.store.purge(self.now, &latest, max).await.expect("purged")
    }

    pub async fn events(&self) -> Vec<SecurityEvent> {
        self.backend.events().await
    }

    /// An event of this session.
    pub fn event(&self, kind: SecurityEventKind, session: &StoredSession) -> SecurityEvent {
        SecurityEvent::new(
            kind,
            self.now,
            session.account.clone(),
            Some(session.handle.clone()),
            &other_client(),
        )
    }
}

/// The id of a new account.
pub fn new_account() -> AccountId {
    AccountId::new(SessionHandle::generate(&SystemEntropy).to_string())
}

/// The client that ends sessions, which is not the one that has them.
pub fn other_client() -> Client {
    Client { address: Ipv4Addr::new(198, 51, 100, 7).into(), user_agent: "Other/1".to_owned() }
}

pub fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

pub fn changes(pairs: &[(&str, Option<&str>)]) -> Changes {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), value.map(|value| json!(value)))).collect()
}

pub fn handles<'a>(sessions: impl IntoIterator<Item = &'a StoredSession>) -> Vec<String> {
    sorted(sessions.into_iter().map(|session| session.handle.clone()))
}

fn sorted(handles: impl IntoIterator<Item = SessionHandle>) -> Vec<String> {
    let mut handles: Vec<_> = handles.into_iter().map(|handle| handle.to_string()).collect();
    handles.sort();
    handles
}
