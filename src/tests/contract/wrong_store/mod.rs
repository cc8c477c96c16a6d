//! A store that does one thing wrong. Without a flaw it does everything right, which proves that
//! whatever turns red, turns red because of the flaw.

mod flaw;
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
        audit::Event,
        clock::Timestamp,
        db::accounts::AccountId,
        sessions::{
            Changes, Ending, Found, Handle, IdHash, Lookup, Selection, Store, StoreError, StoredSession,
            Values,
        },
    },
};

use self::rules::apply;
use crate::support::{RawId, Subject};

pub use flaw::Flaw;

#[derive(Debug)]
pub struct WrongStore {
    flaw: Option<Flaw>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    rows: HashMap<IdHash, Row>,
    events: Vec<Event>,
}

#[derive(Clone, Debug)]
struct Row {
    session: StoredSession,
    ended: Option<EndReason>,
}

impl WrongStore {
    pub fn new(flaw: Option<Flaw>) -> Self {
        Self { flaw, kept: Mutex::default() }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for WrongStore {
    async fn create(&self, session: &StoredSession, events: &[Event]) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let created = self.insert(&mut kept, session, self.has(Flaw::UpsertInCreate));
        if created.is_ok() || self.has(Flaw::WritesDownFailures) {
            self.write_down(&mut kept, events.to_vec());
        }
        created
    }

    async fn load(&self, id: &IdHash, now: Timestamp) -> Result<Lookup, StoreError> {
        Ok(match self.kept().rows.get(id) {
            None => Lookup::Unknown,
            Some(Row { ended: Some(reason), .. }) => Lookup::Ended(*reason),
            Some(row) if !self.is_live(row, now) => Lookup::Ended(self.expiry(&row.session)),
            Some(Row { session, .. }) => {
                Lookup::Live(Box::new(Found { session: session.clone(), account: None }))
            }
        })
    }

    async fn merge(&self, id: &IdHash, changes: &Changes, now: Timestamp) -> Result<bool, StoreError> {
        if self.has(Flaw::ReadsThenWrites) {
            let read = self.changeable(&mut self.kept(), id, now).cloned();
            let Some(mut row) = read else { return Ok(false) };
            yield_now().await;
            apply(changes, &mut row.session.values);
            self.kept().rows.insert(id.clone(), row);
            return Ok(true);
        }
        let mut kept = self.kept();
        let Some(row) = self.changeable(&mut kept, id, now) else { return Ok(false) };
        if self.has(Flaw::WholeBlobWrites) {
            row.session.values.clear();
        }
        apply(changes, &mut row.session.values);
        Ok(true)
    }

    async fn touch(&self, id: &IdHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, StoreError> {
        let mut kept = self.kept();
        let Some(row) = self.changeable(&mut kept, id, now) else { return Ok(false) };
        if !self.has(Flaw::TouchesNothing) {
            (row.session.seen_at, row.session.expires_at) = (now, expires_at);
        }
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
        if self.has(Flaw::WritesDownFailures) {
            self.write_down(&mut kept, events.to_vec());
        }
        let anything = self.has(Flaw::RotatesTheDead);
        let row = kept.rows.get(old).filter(|row| anything || self.is_live(row, now));
        let Some(mut values) = row.map(|row| row.session.values.clone()) else { return Ok(None) };
        if self.has(Flaw::RotatesASnapshot) {
            values = new.values.clone();
        }
        let upsert = self.has(Flaw::RotatesOntoOthers);
        if kept.rows.contains_key(&new.id_hash) && !upsert && !self.has(Flaw::RotatesHalfWay) {
            return Err(StoreError::Exists);
        }
        if !self.has(Flaw::RotationLeavesOld) {
            self.bury(&mut kept, old, EndReason::Replaced);
        }
        self.insert(&mut kept, &StoredSession { values: values.clone(), ..new.clone() }, upsert)?;
        if !self.has(Flaw::WritesDownFailures) {
            self.write_down(&mut kept, events.to_vec());
        }
        Ok(Some(values))
    }

    async fn list(&self, account: &AccountId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let kept = self.kept();
        let live = kept.rows.values().filter(|row| self.has(Flaw::ListsTheDead) || self.is_live(row, now));
        let theirs = live
            .filter(|row| self.has(Flaw::ListsEverybody) || row.session.account.as_ref() == Some(account));
        Ok(theirs.map(|row| row.session.clone()).collect())
    }

    async fn end(&self, which: &Selection, ending: &Ending) -> Result<Vec<Handle>, StoreError> {
        let mut kept = self.kept();
        let chosen = |row: &&Row| self.may_end(row, ending.at) && self.selects(which, &row.session);
        let ended: Vec<_> = kept.rows.values().filter(chosen).map(|row| row.session.clone()).collect();
        self.write_down(&mut kept, ended.iter().filter_map(|session| self.of_ending(ending, session)));
        for session in &ended {
            self.bury(&mut kept, &session.id_hash, ending.reason);
        }
        Ok(ended.into_iter().map(|session| session.handle).collect())
    }

    async fn purge(&self, now: Timestamp, most: u64) -> Result<u64, StoreError> {
        let most =
            if self.has(Flaw::NoBatches) { usize::MAX } else { usize::try_from(most).expect("not so many") };
        let mut kept = self.kept();
        let expired = kept.rows.values().filter(|row| self.has_expired(row, now)).take(most);
        let expired: Vec<_> = expired.map(|row| row.session.clone()).collect();
        self.write_down(&mut kept, expired.iter().filter_map(Event::of_expiry));
        for session in &expired {
            self.bury(&mut kept, &session.id_hash, self.expiry(session));
        }
        let forgotten = kept.rows.values().filter(|row| self.is_forgotten(row, now)).take(most);
        let forgotten: Vec<_> = forgotten.map(|row| row.session.id_hash.clone()).collect();
        for id in &forgotten {
            kept.rows.remove(id);
        }
        Ok(u64::try_from(expired.len().max(forgotten.len())).expect("not so many"))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// [`WrongStore`].
pub struct Wrong(Arc<WrongStore>);

impl Wrong {
    pub fn with(flaw: Option<Flaw>) -> Self {
        Self(Arc::new(WrongStore::new(flaw)))
    }
}

#[async_trait]
impl Subject for Wrong {
    async fn fresh() -> Self {
        Self::with(None)
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    async fn events(&self) -> Vec<Event> {
        self.0.kept().events.clone()
    }

    async fn everything_kept(&self) -> Vec<u8> {
        format!("{:?}", self.0).into_bytes()
    }

    async fn values_kept(&self) -> String {
        format!("{:?}", self.0)
    }

    fn key_of(&self, id: RawId) -> IdHash {
        if self.0.has(Flaw::RawIds) { id.as_it_is() } else { id.hash() }
    }
}
