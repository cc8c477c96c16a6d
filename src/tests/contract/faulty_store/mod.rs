//! A store with one bug at a time. Without a mutation it is correct, so that a test that fails on it
//! fails because of the mutation.

mod mutation;
mod rules;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::task::yield_now;
use vestibule::{
    model::EndReason,
    server::{
        domain::{AccountId, SecurityEvent, Timestamp},
        sessions::{
            Changes, EndedBatch, IdHash, LatestExpiry, LiveSession, Lookup, Revocation, Store, StoreError,
            StoredSession, Values, expiry_event,
        },
    },
};

use self::rules::{apply, small};
use crate::support::{RawId, StoreUnderTest};

pub use mutation::Mutation;

#[derive(Debug)]
pub struct FaultyStore {
    mutation: Option<Mutation>,
    data: Mutex<Data>,
}

#[derive(Debug, Default)]
struct Data {
    rows: HashMap<IdHash, Row>,
    events: Vec<SecurityEvent>,
}

#[derive(Clone, Debug)]
struct Row {
    session: StoredSession,
    ended: Option<EndReason>,
}

impl FaultyStore {
    pub fn new(mutation: Option<Mutation>) -> Self {
        Self { mutation, data: Mutex::default() }
    }

    fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        let mut data = self.lock();
        let created = self.insert(&mut data, session, self.has(Mutation::UpsertInCreate));
        if created.is_ok() || self.has(Mutation::RecordsFailures) {
            self.record(&mut data, events.to_vec());
        }
        created
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        Ok(match self.lock().rows.get(id) {
            None => Lookup::Unknown,
            Some(Row { ended: Some(reason), .. }) => Lookup::Ended(*reason),
            Some(row) if !self.is_live(row, now) => Lookup::Expired(self.expiry(&row.session)),
            Some(Row { session, .. }) => {
                Lookup::Live(LiveSession { session: Arc::new(session.clone()), account: None })
            }
        })
    }

    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let mut ids = ids.to_vec();
        if self.has(Mutation::LoadsManyInAnotherOrder) {
            ids.reverse();
        }
        let mut lookups = Vec::new();
        for id in ids {
            match self.load(&id, now).await? {
                Lookup::Unknown if self.has(Mutation::LoadsManyWithoutUnknown) => {}
                Lookup::Expired(_) if self.has(Mutation::LoadsManyExpiredAsUnknown) => {
                    lookups.push(Lookup::Unknown)
                }
                lookup => lookups.push(lookup),
            }
        }
        Ok(lookups)
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        if self.has(Mutation::ReadsThenWrites) {
            let read = self.row_to_change(&mut self.lock(), id, now).cloned();
            let Some(mut row) = read else { return Ok(false) };
            yield_now().await;
            apply(changes, &mut row.session.values);
            self.lock().rows.insert(id.clone(), row);
            return Ok(true);
        }
        let mut data = self.lock();
        let Some(row) = self.row_to_change(&mut data, id, now) else { return Ok(false) };
        if self.has(Mutation::WholeBlobWrites) {
            row.session.values.clear();
        }
        apply(changes, &mut row.session.values);
        Ok(true)
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        let mut data = self.lock();
        let Some(row) = self.row_to_change(&mut data, &session.id_hash, now) else { return Ok(false) };
        if !self.has(Mutation::IgnoresTouch) {
            (row.session.seen_at, row.session.expires_at) = (now, session.expires_at);
            if !self.has(Mutation::TouchesOnlyIdleExpiry) {
                row.session.absolute_expires_at = session.absolute_expires_at;
                row.session.authenticated_at = session.authenticated_at;
            }
        }
        Ok(true)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        let mut data = self.lock();
        if self.has(Mutation::RecordsFailures) {
            self.record(&mut data, events.to_vec());
        }
        let any_row = self.has(Mutation::RotatesEndedSessions);
        let row = data.rows.get(old).filter(|row| any_row || self.is_live(row, now));
        let Some(mut values) = row.map(|row| row.session.values.clone()) else { return Ok(None) };
        if self.has(Mutation::RotatesStaleValues) {
            values = new.values.clone();
        }
        let upsert = self.has(Mutation::RotationOverwrites);
        if data.rows.contains_key(&new.id_hash) && !upsert && !self.has(Mutation::RotationIsNotAtomic) {
            return Err(StoreError::Exists);
        }
        if !self.has(Mutation::RotationKeepsOldId) {
            self.mark_ended(&mut data, old, EndReason::Replaced);
        }
        self.insert(&mut data, &StoredSession { values: values.clone(), ..new.clone() }, upsert)?;
        if !self.has(Mutation::RecordsFailures) {
            self.record(&mut data, events.to_vec());
        }
        Ok(Some(values))
    }

    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let data = self.lock();
        let live =
            data.rows.values().filter(|row| self.has(Mutation::ListsEndedSessions) || self.is_live(row, now));
        let theirs = live.filter(|row| {
            self.has(Mutation::ListIgnoresAccount) || row.session.account.as_ref() == Some(account)
        });
        let max = if self.has(Mutation::ListsWithoutBound) { usize::MAX } else { small(max) };
        Ok(theirs.take(max).map(|row| row.session.clone()).collect())
    }

    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError> {
        let mut data = self.lock();
        let chosen =
            |row: &&Row| self.may_end(row, revocation.at) && self.selects(&revocation.sessions, &row.session);
        let selected = data.rows.values().filter(chosen).map(|row| row.session.clone()).collect();
        let mut ended = self.in_order(&revocation.sessions, selected);
        let more = ended.len() > small(max) && !self.has(Mutation::EndsOneBatch);
        if !self.has(Mutation::EndsInOneBatch) {
            ended.truncate(small(max));
        }
        self.record(&mut data, ended.iter().filter_map(|session| self.revocation_event(revocation, session)));
        for session in &ended {
            self.mark_ended(&mut data, &session.id_hash, revocation.reason);
        }
        Ok(EndedBatch { handles: ended.into_iter().map(|session| session.handle).collect(), more })
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let mut data = self.lock();
        let may_expire = |row: &&Row| self.may_expire(row, now);
        let session = data.rows.get(id).filter(may_expire).map(|row| row.session.clone());
        if let Some(session) = session.filter(|_| !self.has(Mutation::ExpiresNothing)) {
            self.record(&mut data, expiry_event(&session));
            self.mark_ended(&mut data, id, self.expiry(&session));
        }
        Ok(())
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        let max = if self.has(Mutation::IgnoresBatchSize) {
            usize::MAX
        } else {
            usize::try_from(max).expect("a small number")
        };
        let mut data = self.lock();
        let expired = data.rows.values().filter(|row| self.has_expired(row, now)).take(max);
        let expired: Vec<_> = expired.map(|row| row.session.clone()).collect();
        self.record(&mut data, expired.iter().filter_map(expiry_event));
        for session in &expired {
            self.mark_ended(&mut data, &session.id_hash, self.expiry(session));
        }
        let shortened = self.shorten(&mut data, now, latest, max);
        let forgotten = data.rows.values().filter(|row| self.is_forgotten(row, now)).take(max);
        let forgotten: Vec<_> = forgotten.map(|row| row.session.id_hash.clone()).collect();
        for id in &forgotten {
            data.rows.remove(id);
        }
        Ok(u64::try_from(expired.len().max(forgotten.len()).max(shortened)).expect("a small number"))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// [`FaultyStore`], as tests run on it.
pub struct MutatedStore(Arc<FaultyStore>);

impl MutatedStore {
    pub fn new(mutation: Option<Mutation>) -> Self {
        Self(Arc::new(FaultyStore::new(mutation)))
    }
}

#[async_trait]
impl StoreUnderTest for MutatedStore {
    async fn empty() -> Self {
        Self::new(None)
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    async fn events(&self) -> Vec<SecurityEvent> {
        self.0.lock().events.clone()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        format!("{:?}", self.0).into_bytes()
    }

    async fn stored_values(&self) -> String {
        format!("{:?}", self.0)
    }

    fn key_for(&self, id: RawId) -> IdHash {
        if self.0.has(Mutation::RawIds) { id.unhashed() } else { id.hash() }
    }
}
