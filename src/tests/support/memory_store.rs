//! Sessions in memory, for tests: the plainest words for what the other stores do.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{
    Changes, Ending, Found, Handle, IdHash, Lookup, Selection, Store, StoreError, StoredSession, Values,
};
use crate::{
    model::EndReason,
    server::{
        audit::Event, clock::Timestamp, db::accounts::AccountId, sessions::expiry_reason,
        sessions::stored::apply,
    },
};

/// [`Store`] that is gone with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    rows: HashMap<IdHash, Row>,
    events: Vec<Event>,
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

    fn end(&mut self, reason: EndReason) {
        self.ended = Some(reason);
        self.session.values = BTreeMap::new();
    }
}

impl Kept {
    fn live(&mut self, id: &IdHash, now: Timestamp) -> Option<&mut Row> {
        self.rows.get_mut(id).filter(|row| row.is_live(now))
    }

    fn insert(&mut self, session: StoredSession) -> Result<(), StoreError> {
        match self.rows.entry(session.id_hash.clone()) {
            Entry::Occupied(_) => Err(StoreError::Exists),
            Entry::Vacant(place) => {
                place.insert(Row { session, ended: None });
                Ok(())
            }
        }
    }
}

impl MemoryStore {
    /// The audit log.
    pub fn events(&self) -> Vec<Event> {
        self.kept().events.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create(&self, session: &StoredSession, events: &[Event]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        kept.insert(session.clone())?;
        kept.events.extend_from_slice(events);
        Ok(())
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        Ok(match self.kept().rows.get(id) {
            None => Lookup::Unknown,
            Some(Row { ended: Some(reason), .. }) => Lookup::Ended(*reason),
            Some(Row { session, .. }) if !session.is_live(now) => Lookup::Ended(expiry_reason(session)),
            Some(Row { session, .. }) => {
                Lookup::Live(Box::new(Found { session: session.clone(), account: None }))
            }
        })
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let Some(row) = kept.live(id, now) else { return Ok(false) };
        apply(changes, &mut row.session.values);
        Ok(true)
    }

    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let Some(row) = kept.live(id, now) else { return Ok(false) };
        (row.session.seen_at, row.session.expires_at) = (now, expires_at);
        Ok(true)
    }

    async fn rotate(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[Event],
    ) -> Result<Option<Values>, StoreError> {
        let mut kept = self.kept();
        if kept.rows.contains_key(&new.id_hash) {
            return Err(StoreError::Exists);
        }
        let Some(row) = kept.live(old, now) else { return Ok(None) };
        let values = row.session.values.clone();
        row.end(EndReason::Replaced);
        kept.insert(StoredSession { values: values.clone(), ..new.clone() })?;
        kept.events.extend_from_slice(events);
        Ok(Some(values))
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let kept = self.kept();
        let live = kept.rows.values().filter(|row| row.is_live(now));
        let theirs = live.filter(|row| row.session.account.as_ref() == Some(account));
        Ok(theirs.map(|row| row.session.clone()).collect())
    }

    async fn end(&self, which: &Selection, ending: &Ending) -> Result<Vec<Handle>, StoreError> {
        let mut kept = self.kept();
        let mut ended = Vec::new();
        for row in kept.rows.values_mut() {
            if row.is_live(ending.at) && selects(which, &row.session) {
                row.end(ending.reason);
                ended.push(row.session.clone());
            }
        }
        kept.events.extend(ended.iter().filter_map(|session| Event::of_ending(ending, session)));
        Ok(ended.into_iter().map(|session| session.handle).collect())
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut kept = self.kept();
        let expired = |row: &&mut Row| {
            row.ended.is_none() && row.session.account.is_some() && !row.session.is_live(now)
        };
        let mut events = Vec::new();
        for row in kept.rows.values_mut().filter(expired).take(most) {
            row.end(expiry_reason(&row.session));
            events.extend(Event::of_expiry(&row.session));
        }
        let forgotten = |row: &Row| {
            row.session.forgotten_at() <= now && (row.ended.is_some() || row.session.account.is_none())
        };
        let forgotten = kept.rows.iter().filter(|(_, row)| forgotten(row)).take(most);
        let forgotten: Vec<_> = forgotten.map(|(id, _)| id.clone()).collect();
        for id in &forgotten {
            kept.rows.remove(id);
        }
        let done = forgotten.len().max(events.len());
        kept.events.extend(events);
        Ok(u64::try_from(done).unwrap_or(u64::MAX))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn selects(which: &Selection, session: &StoredSession) -> bool {
    let of = |account| session.account.as_ref() == Some(account);
    match which {
        Selection::This(id) => session.id_hash == *id,
        Selection::One(account, handle) => of(account) && session.handle == *handle,
        Selection::Others(account, handle) => of(account) && session.handle != *handle,
        Selection::All(account) => of(account),
    }
}
