//! Sessions in memory: the simplest store that fulfils the contract. Like any store that is not part of the
//! database, it is handed the audit log, and looks accounts up in the database.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use vestibule::{
    model::EndReason,
    server::{
        audit::{AuditError, AuditLog},
        db::{Database, accounts},
        domain::{Account, AccountId, SecurityEvent, Timestamp},
        sessions::{
            Changes, EndedBatch, IdHash, LatestExpiry, LiveSession, Lookup, Revocation, Selection, Store,
            StoreError, StoredSession, Values, apply, expiry_event, expiry_reason, forgotten_at,
            revocation_event,
        },
    },
};

/// A [`Store`] that does not outlive the process.
#[derive(Debug)]
pub struct MemoryStore {
    data: Mutex<Data>,
    audit: Arc<dyn AuditLog>,
    accounts: Option<Database>,
}

#[derive(Debug, Default)]
struct Data {
    rows: HashMap<IdHash, Row>,
}

/// An audit log in memory.
#[derive(Debug, Default)]
pub struct MemoryAuditLog(Mutex<Vec<SecurityEvent>>);

impl MemoryAuditLog {
    pub fn events(&self) -> Vec<SecurityEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl AuditLog for MemoryAuditLog {
    async fn record(&self, events: &[SecurityEvent]) -> Result<(), AuditError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(events);
        Ok(())
    }
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

    fn rotate(
        &mut self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
    ) -> Result<Option<Values>, StoreError> {
        if self.rows.contains_key(&new.id_hash) {
            return Err(StoreError::Exists);
        }
        let Some(row) = self.live(old, now) else { return Ok(None) };
        let values = row.session.values.clone();
        row.end(EndReason::Replaced);
        self.insert(StoredSession { values: values.clone(), ..new.clone() })?;
        Ok(Some(values))
    }

    /// Ends up to `max` sessions, those that were used last at the end; returns how many were selected, too.
    fn end(&mut self, revocation: &Revocation, max: usize) -> (Vec<StoredSession>, usize) {
        let selected =
            |row: &&mut Row| row.is_live(revocation.at) && selects(&revocation.sessions, &row.session);
        let mut rows: Vec<_> = self.rows.values_mut().filter(selected).collect();
        rows.sort_by_key(|row| (row.session.seen_at, row.session.created_at));
        if let Selection::LeastRecentlyUsed { keep, .. } = &revocation.sessions {
            rows.truncate(rows.len().saturating_sub(usize::try_from(*keep).unwrap_or(usize::MAX)));
        }
        let count = rows.len();
        let end = |row: &mut Row| {
            row.end(revocation.reason);
            row.session.clone()
        };
        (rows.into_iter().take(max).map(end).collect(), count)
    }

    fn expire_all(&mut self, now: Timestamp, max: usize) -> Vec<SecurityEvent> {
        let expired = |row: &&mut Row| row.has_expired(now) && row.session.account.is_some();
        self.rows.values_mut().filter(expired).take(max).filter_map(Row::expire).collect()
    }

    fn shorten(&mut self, now: Timestamp, latest: &[LatestExpiry], max: usize) -> usize {
        let mut shortened = 0;
        for row in self.rows.values_mut().filter(|row| row.is_live(now) && row.session.account.is_some()) {
            let session = &mut row.session;
            let limit = latest.iter().find(|limit| limit.remembered == session.remembered);
            if let Some(limit) =
                limit.filter(|limit| session.expires_at > limit.expires_at && shortened < max)
            {
                session.expires_at = limit.expires_at;
                session.absolute_expires_at = session.absolute_expires_at.min(limit.absolute_expires_at);
                shortened += 1;
            }
        }
        shortened
    }

    fn forget(&mut self, now: Timestamp, max: usize) -> usize {
        let forgotten = |row: &Row| {
            forgotten_at(&row.session) <= now && (row.ended.is_some() || row.session.account.is_none())
        };
        let forgotten = self.rows.iter().filter(|(_, row)| forgotten(row)).take(max);
        let forgotten: Vec<_> = forgotten.map(|(id, _)| id.clone()).collect();
        for id in &forgotten {
            self.rows.remove(id);
        }
        forgotten.len()
    }
}

impl MemoryStore {
    pub fn new(audit: Arc<dyn AuditLog>, accounts: Option<Database>) -> Self {
        Self { data: Mutex::default(), audit, accounts }
    }

    async fn record(&self, events: &[SecurityEvent]) -> Result<(), StoreError> {
        let recorded = if events.is_empty() { Ok(()) } else { self.audit.record(events).await };
        recorded.map_err(|error| StoreError::Backend(Box::new(error)))
    }

    async fn account(&self, session: &StoredSession) -> Result<Option<Arc<Account>>, StoreError> {
        let (Some(db), Some(id)) = (&self.accounts, &session.account) else { return Ok(None) };
        Ok(accounts::by_id(db, id).await?.map(|stored| Arc::new(stored.account)))
    }

    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, session: &StoredSession, events: &[SecurityEvent]) -> Result<(), StoreError> {
        self.lock().insert(session.clone())?;
        self.record(events).await
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        let session = match self.lock().rows.get(id) {
            None => return Ok(Lookup::Unknown),
            Some(Row { ended: Some(reason), .. }) => return Ok(Lookup::Ended(*reason)),
            Some(Row { session, .. }) if !session.is_live(now) => {
                return Ok(Lookup::Expired(expiry_reason(session)));
            }
            Some(Row { session, .. }) => Arc::new(session.clone()),
        };
        let account = self.account(&session).await?;
        Ok(Lookup::Live(LiveSession { session, account }))
    }

    async fn load_many(&self, ids: &[IdHash], now: Timestamp) -> Result<Vec<Lookup>, StoreError> {
        let mut lookups = Vec::with_capacity(ids.len());
        for id in ids {
            lookups.push(self.load(id, now).await?);
        }
        Ok(lookups)
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
        row.session.authenticated_at = session.authenticated_at;
        Ok(true)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        let values = self.lock().rotate(old, new, now)?;
        if values.is_some() {
            self.record(events).await?;
        }
        Ok(values)
    }

    async fn list(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let data = self.lock();
        let live = data.rows.values().filter(|row| row.is_live(now));
        let theirs = live.filter(|row| row.session.account.as_ref() == Some(account));
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        Ok(theirs.take(max).map(|row| row.session.clone()).collect())
    }

    async fn end(&self, revocation: &Revocation, max: u32) -> Result<EndedBatch, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let (ended, selected) = self.lock().end(revocation, max);
        let events: Vec<_> =
            ended.iter().filter_map(|session| revocation_event(revocation, session)).collect();
        self.record(&events).await?;
        let more = selected > ended.len();
        Ok(EndedBatch { handles: ended.into_iter().map(|session| session.handle).collect(), more })
    }

    async fn expire(&self, id: &IdHash, now: Timestamp) -> Result<(), StoreError> {
        let event = self.lock().rows.get_mut(id).filter(|row| row.has_expired(now)).and_then(Row::expire);
        self.record(event.as_slice()).await
    }

    async fn purge(&self, now: Timestamp, latest: &[LatestExpiry], max: u64) -> Result<u64, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let (events, shortened, forgotten) = {
            let mut data = self.lock();
            (data.expire_all(now, max), data.shorten(now, latest, max), data.forget(now, max))
        };
        self.record(&events).await?;
        Ok(u64::try_from(events.len().max(shortened).max(forgotten)).unwrap_or(u64::MAX))
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
        Selection::AllExcept(account, handle)
        | Selection::LeastRecentlyUsed { account, except: handle, .. } => {
            of(account) && session.handle != *handle
        }
        Selection::All(account) => of(account),
        Selection::AllAccounts => session.account.is_some(),
    }
}
