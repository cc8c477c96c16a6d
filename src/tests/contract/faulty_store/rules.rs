//! The rules of [`FaultyStore`], with the mutations of each.

use std::time::Duration;

use vestibule::{
    model::{EndReason, SecurityEventKind},
    server::{
        domain::{SecurityEvent, SessionHandle, Timestamp},
        sessions::{
            Changes, IdHash, LatestExpiry, Revocation, Selection, StoreError, StoredSession, Values,
            expiry_reason, forgotten_at, revocation_event,
        },
        system::SystemEntropy,
    },
};

use super::{Data, FaultyStore, Mutation, Row};

impl FaultyStore {
    pub(super) fn is_live(&self, row: &Row, now: Timestamp) -> bool {
        let too_late = self.has(Mutation::ExpiresTooLate) && now == row.session.expires_at;
        row.ended.is_none() && (row.session.is_live(now) || too_late)
    }

    pub(super) fn expiry(&self, session: &StoredSession) -> EndReason {
        if self.has(Mutation::AlwaysExpiresIdle) { EndReason::ExpiredIdle } else { expiry_reason(session) }
    }

    /// The row to change, if it is live.
    pub(super) fn row_to_change<'a>(
        &self,
        data: &'a mut Data,
        id: &IdHash,
        now: Timestamp,
    ) -> Option<&'a mut Row> {
        if self.has(Mutation::UpsertInSave) {
            let row = data.rows.entry(id.clone()).or_insert_with(|| blank_row(id, now));
            row.ended = None;
            row.session.expires_at = row.session.expires_at.max(now + Duration::from_hours(1));
        }
        data.rows.get_mut(id).filter(|row| self.is_live(row, now))
    }

    pub(super) fn insert(
        &self,
        data: &mut Data,
        session: &StoredSession,
        upsert: bool,
    ) -> Result<(), StoreError> {
        if data.rows.contains_key(&session.id_hash) && !upsert {
            return Err(StoreError::Exists);
        }
        let remembered = session.remembered && !self.has(Mutation::LosesColumns);
        let session = StoredSession { remembered, ..session.clone() };
        data.rows.insert(session.id_hash.clone(), Row { session, ended: None });
        Ok(())
    }

    pub(super) fn record(&self, data: &mut Data, events: impl IntoIterator<Item = SecurityEvent>) {
        for event in events {
            let times = match self.mutation {
                Some(Mutation::NoEvents) => 0,
                Some(Mutation::RecordsTwice) => 2,
                _ => 1,
            };
            data.events.extend(std::iter::repeat_n(event, times));
        }
    }

    pub(super) fn revocation_event(
        &self,
        revocation: &Revocation,
        session: &StoredSession,
    ) -> Option<SecurityEvent> {
        let event = revocation_event(revocation, session);
        if event.is_some() || !self.has(Mutation::RecordsEverything) {
            return event;
        }
        let (account, handle) = (session.account.clone(), Some(session.handle.clone()));
        let Revocation { at, client, .. } = revocation;
        Some(SecurityEvent::new(SecurityEventKind::SignedOut, *at, account, handle, client))
    }

    pub(super) fn mark_ended(&self, data: &mut Data, id: &IdHash, reason: EndReason) {
        if self.has(Mutation::NoTombstone) {
            data.rows.remove(id);
        } else if let Some(row) = data.rows.get_mut(id) {
            row.ended =
                Some(if self.has(Mutation::IgnoresEndReason) { EndReason::SignedOut } else { reason });
            if !self.has(Mutation::KeepsValues) {
                row.session.values = Values::new();
            }
        }
    }

    pub(super) fn selects(&self, which: &Selection, session: &StoredSession) -> bool {
        let of = |account| session.account.as_ref() == Some(account);
        match which {
            Selection::ById(_) if self.has(Mutation::ByIdSelectsAll) => true,
            Selection::ById(id) => session.id_hash == *id,
            Selection::ByHandle(account, handle) => {
                (of(account) || self.has(Mutation::ByHandleIgnoresAccount)) && session.handle == *handle
            }
            Selection::AllExcept(account, handle) => {
                of(account) && (session.handle != *handle || self.has(Mutation::AllExceptSelectsAll))
            }
            Selection::All(account) => of(account) || self.has(Mutation::AllIgnoresAccount),
            Selection::LeastRecentlyUsed { account, except, .. } => {
                of(account) && (session.handle != *except || self.has(Mutation::LeastRecentlyUsedEndsItself))
            }
            Selection::AllAccounts => {
                session.account.is_some() || self.has(Mutation::AllAccountsEndsAnonymous)
            }
        }
    }

    /// Those of the selected that are to be ended, the least recently used first.
    pub(super) fn in_order(&self, which: &Selection, mut selected: Vec<StoredSession>) -> Vec<StoredSession> {
        selected.sort_by_key(|session| (session.seen_at, session.created_at));
        if let Selection::LeastRecentlyUsed { keep, .. } = which {
            if self.has(Mutation::EndsMostRecentlyUsed) {
                selected.reverse();
            }
            selected.truncate(selected.len().saturating_sub(small(*keep)));
        }
        selected
    }

    pub(super) fn may_end(&self, row: &Row, at: Timestamp) -> bool {
        self.is_live(row, at)
            || (self.has(Mutation::LastReasonWins) && row.ended.is_some())
            || (self.has(Mutation::EndsExpiredSessions) && row.ended.is_none())
    }

    pub(super) fn has_expired(&self, row: &Row, now: Timestamp) -> bool {
        row.ended.is_none() && row.session.account.is_some() && !self.is_live(row, now)
    }

    pub(super) fn may_expire(&self, row: &Row, now: Timestamp) -> bool {
        row.ended.is_none() && (!self.is_live(row, now) || self.has(Mutation::ExpiresLiveSessions))
    }

    /// Shortens expiries beyond the limit; returns how many.
    pub(super) fn shorten(
        &self,
        data: &mut Data,
        now: Timestamp,
        latest: &[LatestExpiry],
        max: usize,
    ) -> usize {
        let mut shortened = 0;
        for row in data.rows.values_mut().filter(|row| self.is_live(row, now)) {
            let limit = latest.iter().find(|limit| limit.remembered == row.session.remembered);
            let Some(limit) = limit.filter(|_| row.session.account.is_some() && shortened < max) else {
                continue;
            };
            let too_late = row.session.expires_at > limit.expires_at && !self.has(Mutation::ShortensNothing);
            if too_late || self.has(Mutation::ShortensAll) {
                row.session.expires_at = limit.expires_at;
                row.session.absolute_expires_at =
                    row.session.absolute_expires_at.min(limit.absolute_expires_at);
                shortened += usize::from(too_late);
            }
        }
        shortened
    }

    pub(super) fn is_forgotten(&self, row: &Row, now: Timestamp) -> bool {
        let anonymous = row.session.account.is_none();
        match self.mutation {
            Some(Mutation::ForgetsLiveSessions) => true,
            Some(Mutation::ForgetsNothing) => false,
            Some(Mutation::NoRetention) => row.session.expires_at <= now,
            Some(Mutation::KeepsAnonymousSessions) if anonymous => false,
            _ => forgotten_at(&row.session) <= now && (row.ended.is_some() || anonymous),
        }
    }
}

/// What an upsert inserts for an unknown id.
fn blank_row(id: &IdHash, now: Timestamp) -> Row {
    let session = StoredSession {
        id_hash: id.clone(),
        handle: SessionHandle::generate(&SystemEntropy),
        account: None,
        methods: Vec::new(),
        credential_version: 0,
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

pub(super) fn small(number: u32) -> usize {
    usize::try_from(number).expect("a small number")
}

pub(super) fn apply(changes: &Changes, values: &mut Values) {
    for (key, change) in changes {
        match change {
            Some(value) => values.insert(key.clone(), value.clone()),
            None => values.remove(key),
        };
    }
}
