//! The rules of [`WrongStore`], each with the ways in which it may be wrong.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::{
        audit::{Event, EventKind},
        clock::{SystemEntropy, Timestamp},
        sessions::{
            Changes, Ending, Handle, IdHash, Selection, StoreError, StoredSession, Values, expiry_reason,
        },
    },
};

use super::{Flaw, Kept, Row, WrongStore};

impl WrongStore {
    pub(super) fn is_live(&self, row: &Row, now: Timestamp) -> bool {
        let last_moment = self.has(Flaw::LivesAMomentLonger) && now == row.session.expires_at;
        row.ended.is_none() && (row.session.is_live(now) || last_moment)
    }

    pub(super) fn expiry(&self, session: &StoredSession) -> EndReason {
        if self.has(Flaw::OneExpiry) { EndReason::ExpiredIdle } else { expiry_reason(session) }
    }

    /// The row to change, if it may be changed.
    pub(super) fn changeable<'a>(
        &self,
        kept: &'a mut Kept,
        id: &IdHash,
        now: Timestamp,
    ) -> Option<&'a mut Row> {
        if self.has(Flaw::UpsertInSave) {
            let row = kept.rows.entry(id.clone()).or_insert_with(|| out_of_thin_air(id, now));
            row.ended = None;
            row.session.expires_at = row.session.expires_at.max(now + Duration::from_hours(1));
        }
        kept.rows.get_mut(id).filter(|row| self.is_live(row, now))
    }

    pub(super) fn insert(
        &self,
        kept: &mut Kept,
        session: &StoredSession,
        upsert: bool,
    ) -> Result<(), StoreError> {
        if kept.rows.contains_key(&session.id_hash) && !upsert {
            return Err(StoreError::Exists);
        }
        let remembered = session.remembered && !self.has(Flaw::LosesColumns);
        let session = StoredSession { remembered, ..session.clone() };
        kept.rows.insert(session.id_hash.clone(), Row { session, ended: None });
        Ok(())
    }

    pub(super) fn write_down(&self, kept: &mut Kept, events: impl IntoIterator<Item = Event>) {
        for event in events {
            let times = match self.flaw {
                Some(Flaw::NoEvents) => 0,
                Some(Flaw::WritesDownTwice) => 2,
                _ => 1,
            };
            kept.events.extend(std::iter::repeat_n(event, times));
        }
    }

    pub(super) fn of_ending(&self, ending: &Ending, session: &StoredSession) -> Option<Event> {
        let event = Event::of_ending(ending, session);
        if event.is_some() || !self.has(Flaw::WritesDownEverything) {
            return event;
        }
        let (account, handle) = (session.account.clone(), Some(session.handle.clone()));
        Some(Event::new(EventKind::SignedOut, ending.at, account, handle, &ending.client))
    }

    pub(super) fn bury(&self, kept: &mut Kept, id: &IdHash, reason: EndReason) {
        if self.has(Flaw::NoTombstone) {
            kept.rows.remove(id);
        } else if let Some(row) = kept.rows.get_mut(id) {
            row.ended = Some(if self.has(Flaw::OneReason) { EndReason::SignedOut } else { reason });
            if !self.has(Flaw::KeepsValues) {
                row.session.values = Values::new();
            }
        }
    }

    pub(super) fn selects(&self, which: &Selection, session: &StoredSession) -> bool {
        let of = |account| session.account.as_ref() == Some(account);
        match which {
            Selection::This(_) if self.has(Flaw::ThisMeansEverything) => true,
            Selection::This(id) => session.id_hash == *id,
            Selection::One(account, handle) => {
                (of(account) || self.has(Flaw::HandleAcrossAccounts)) && session.handle == *handle
            }
            Selection::Others(account, handle) => {
                of(account) && (session.handle != *handle || self.has(Flaw::OthersMeansAll))
            }
            Selection::All(account) => of(account) || self.has(Flaw::AllMeansEverybody),
        }
    }

    pub(super) fn may_end(&self, row: &Row, at: Timestamp) -> bool {
        self.is_live(row, at)
            || (self.has(Flaw::LastReasonWins) && row.ended.is_some())
            || (self.has(Flaw::EndsTheExpired) && row.ended.is_none())
    }

    pub(super) fn has_expired(&self, row: &Row, now: Timestamp) -> bool {
        row.ended.is_none() && row.session.account.is_some() && !self.is_live(row, now)
    }

    pub(super) fn is_forgotten(&self, row: &Row, now: Timestamp) -> bool {
        let nobodys = row.session.account.is_none();
        match self.flaw {
            Some(Flaw::ForgetsTheLiving) => true,
            Some(Flaw::ForgetsNothing) => false,
            Some(Flaw::ForgetsAtOnce) => row.session.expires_at <= now,
            Some(Flaw::KeepsStrangers) if nobodys => false,
            _ => row.session.forgotten_at() <= now && (row.ended.is_some() || nobodys),
        }
    }
}

/// What an upsert makes of an id that it has never seen.
fn out_of_thin_air(id: &IdHash, now: Timestamp) -> Row {
    let session = StoredSession {
        id_hash: id.clone(),
        handle: Handle::generate(&SystemEntropy),
        account: None,
        methods: Vec::new(),
        credentials: 0,
        authenticated_at: None,
        remembered: false,
        user_agent: String::new(),
        address: String::new(),
        values: Values::new(),
        created_at: now,
        seen_at: now,
        expires_at: now,
        absolute_expires_at: now,
    };
    Row { session, ended: None }
}

pub(super) fn apply(changes: &Changes, values: &mut Values) {
    for (key, change) in changes {
        match change {
            Some(value) => values.insert(key.clone(), value.clone()),
            None => values.remove(key),
        };
    }
}
