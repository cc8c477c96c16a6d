//! Sessions in memory: the simplest store that fulfils the contract.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use vestibule::{
    model::EndReason,
    server::{
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp},
        sessions::{
            Changes, IdHash, LatestExpiry, LiveSession, Lookup, Revocation, Selection, Store, StoreError,
            StoredSession, Values, apply, expiry_event, expiry_reason, forgotten_at, revocation_event,
        },
    },
};

/// A [`Store`] that does not outlive the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    data: Mutex<Data>,
}

#[derive(Debug, Default)]
struct Data {
    rows: HashMap<IdHash, Row>,
    events: Vec<SecurityEvent>,
}

#[derive(Debug)]
struct Row {
    session: StoredSession,
    ended: Option<EndReason>,
}

impl Row {
    fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.session.is_live(now)
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.ended.is_none() && !self.session.is_live(now)
    }

    fn end(&mut self, reason: EndReason) {
        self.ended = Some(reason);
        self.session.values = BTreeMap::new();
    }

    fn expire(&mut self) -> Option<SecurityEvent> {
        self.end(expiry_reason(&self.session));
        expiry_event(&self.session)
    }
}

impl Data {
    fn live(&mut self, id: &IdHash, now: Timestamp) -> Option<&mut Row> {
        self.rows.get_mut(id).filter(|row| row.is_live(now))
    }

    fn insert(&mut self, session: StoredSession) -> Result<(), StoreError> {
        match self.rows.entry(session.id_hash.clone()) {
            Entry::Occupied(_) => Err(StoreError::Exists),
            Entry::Vacant(entry) => {
                entry.insert(Row { session, ended: None });
                Ok(())
            }
        }
    }
}

impl MemoryStore {
    /// The audit log.
    pub fn events(&self) -> Vec<SecurityEvent> {
        self.lock().events.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        let mut data = self.lock();
        data.insert(session.clone())?;
        data.events.extend_from_slice(events);
        Ok(())
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        Ok(match self.lock().rows.get(id) {
            None => Lookup::Unknown,
            Some(Row { ended: Some(reason), .. }) => Lookup::Ended(*reason),
            Some(Row { session, .. }) if !session.is_live(now) => Lookup::Expired(expiry_reason(session)),
            Some(Row { session, .. }) => {
                Lookup::Live(LiveSession { session: Arc::new(session.clone()), account: None })
            }
        })
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let mut data = self.lock();
        let Some(row) = data.live(id, now) else { return Ok(false) };
        apply(changes, &mut row.session.values);
        Ok(true)
    }

    async fn touch(&self, session: &StoredSession, now: Timestamp) -> Result<bool, StoreError> {
        let mut data = self.lock();
        let Some(row) = data.live(&session.id_hash, now) else { return Ok(false) };
        row.session.seen_at = now;
        row.session.expires_at = session.expires_at;
        row.session.absolute_expires_at = session.absolute_expires_at;
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
        if data.rows.contains_key(&new.id_hash) {
            return Err(StoreError::Exists);
        }
        let Some(row) = data.live(old, now) else { return Ok(None) };
        let values = row.session.values.clone();
        row.end(EndReason::Replaced);
        data.insert(StoredSession { values: values.clone(), ..new.clone() })?;
        data.events.extend_from_slice(events);
        Ok(Some(values))
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let data = self.lock();
        let live = data.rows.values().filter(|row| row.is_live(now));
        let theirs = live.filter(|row| row.session.account.as_ref() == Some(account));
        Ok(theirs.map(|row| row.session.clone()).collect())
    }

    async fn end(&self, revocation: &Revocation) -> Result<Vec<SessionHandle>, StoreError> {
        let mut data = self.lock();
        let mut ended = Vec::new();
        for row in data.rows.values_mut() {
            if row.is_live(revocation.at) && selects(&revocation.sessions, &row.session) {
                row.end(revocation.reason);
                ended.push(row.session.clone());
            }
        }
        data.events.extend(ended.iter().filter_map(|session| revocation_event(revocation, session)));
        Ok(ended.into_iter().map(|session| session.handle).collect())
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let mut data = self.lock();
        let expired = data.rows.get_mut(id).filter(|row| row.has_expired(now));
        let event = expired.and_then(Row::expire);
        data.events.extend(event);
        Ok(())
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let mut data = self.lock();
        let expired = |row: &&mut Row| row.has_expired(now) && row.session.account.is_some();
        let events: Vec<_> =
            data.rows.values_mut().filter(expired).take(max).filter_map(Row::expire).collect();
        let mut shortened = 0;
        for row in data.rows.values_mut().filter(|row| row.is_live(now)) {
            let limit = latest.iter().find(|limit| limit.remembered == row.session.remembered);
            let too_late = limit.filter(|limit| row.session.expires_at > limit.expires_at);
            if let Some(limit) = too_late.filter(|_| shortened < max && row.session.account.is_some()) {
                row.session.expires_at = limit.expires_at;
                row.session.absolute_expires_at =
                    row.session.absolute_expires_at.min(limit.absolute_expires_at);
                shortened += 1;
            }
        }
        let forgotten = |row: &Row| {
            forgotten_at(&row.session) <= now && (row.ended.is_some() || row.session.account.is_none())
        };
        let forgotten = data.rows.iter().filter(|(_, row)| forgotten(row)).take(max);
        let forgotten: Vec<_> = forgotten.map(|(id, _)| id.clone()).collect();
        for id in &forgotten {
            data.rows.remove(id);
        }
        let done = forgotten.len().max(events.len()).max(shortened);
        data.events.extend(events);
        Ok(u64::try_from(done).unwrap_or(u64::MAX))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn selects(which: &Selection, session: &StoredSession) -> bool {
    let of = |account| session.account.as_ref() == Some(account);
    match which {
        Selection::ById(id) => session.id_hash == *id,
        Selection::ByHandle(account, handle) => of(account) && session.handle == *handle,
        Selection::AllExcept(account, handle) => of(account) && session.handle != *handle,
        Selection::All(account) => of(account),
    }
}
