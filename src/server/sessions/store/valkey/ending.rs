//! What ends sessions of accounts: the database decides, in a transaction, and then Valkey is told.

use std::{cmp::Reverse, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};
use redis::cmd;

use super::{
    super::{EndedBatch, Lookup, Revocation, Selection, Store, StoreError},
    CONCURRENT_CALLS, ValkeyStore,
    fields::Fields,
    keys::{Index, parse_index_member},
    live_session,
};
use crate::{
    model::EndReason,
    server::{
        db::{Transaction, ended_sessions, events, lock_account, lock_accounts},
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp, error_chain},
        sessions::{IdHash, StoredSession, Values, expiry_event, expiry_reason, revocation_event},
    },
};

/// How long the end of a session is recorded beyond its absolute expiry, by whatever clock.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How many sessions beyond the limit are read to find out which were used last.
const MAX_COMPARED: usize = 500;

/// An entry in the index of an account.
#[derive(Clone, Debug)]
struct Entry {
    handle: SessionHandle,
    id: IdHash,
    absolute_expires_at: Timestamp,
}

/// Entries that are selected.
#[derive(Debug)]
struct Selected {
    entries: Vec<Entry>,
    /// Where there may be more; `None` if these are all.
    next_offset: Option<usize>,
}

impl Entry {
    fn of(session: &StoredSession) -> Self {
        let (handle, id) = (session.handle.clone(), session.id_hash.clone());
        Self { handle, id, absolute_expires_at: session.absolute_expires_at }
    }

    fn is_selected_by(&self, selection: &Selection) -> bool {
        match selection {
            Selection::ById(id) => self.id == *id,
            Selection::ByHandle(_, handle) => self.handle == *handle,
            Selection::AllExcept(_, handle) | Selection::LeastRecentlyUsed { except: handle, .. } => {
                self.handle != *handle
            }
            Selection::All(_) | Selection::AllAccounts => true,
        }
    }
}

impl ValkeyStore {
    /// Entries of an account, those first whose absolute timeout comes first: up to `max` after the first `offset`.
    async fn index_of(
        &self,
        account: &AccountId,
        now: Timestamp,
        offset: usize,
        max: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut command = cmd("ZRANGEBYSCORE");
        command.arg(self.keys.account(account)).arg(format!("({}", now.millis())).arg("+inf");
        command.arg("WITHSCORES").arg("LIMIT").arg(offset).arg(max);
        let members: Vec<(String, i64)> = self.connection().read(&command).await?;
        let entries = members.iter().filter_map(|(member, score)| {
            let (handle, id) = parse_index_member(member)?;
            Some(Entry { handle, id, absolute_expires_at: Timestamp::from_millis(*score) })
        });
        Ok(entries.collect())
    }

    /// The ids of up to `max` sessions of an account: of many, those whose absolute timeout comes last.
    pub(super) async fn ids_of(
        &self,
        account: &AccountId,
        now: Timestamp,
        max: u32,
    ) -> Result<Vec<IdHash>, StoreError> {
        let mut command = cmd("ZREVRANGEBYSCORE");
        command.arg(self.keys.account(account)).arg("+inf").arg(format!("({}", now.millis()));
        let members: Vec<String> = self.connection().read(command.arg("LIMIT").arg(0).arg(max)).await?;
        Ok(members.iter().filter_map(|member| Some(parse_index_member(member)?.1)).collect())
    }

    /// Ends sessions of an account; `known` is one of those that are selected, if it was read already.
    pub(super) async fn end_sessions_of(
        &self,
        account: &AccountId,
        revocation: &Revocation,
        known: Option<&StoredSession>,
        max: usize,
    ) -> Result<EndedBatch, StoreError> {
        let mut transaction = self.db.begin().await?;
        lock_account(&mut transaction, account).await?;
        let (mut batch, mut ended, mut offset) = (EndedBatch::default(), Vec::new(), Some(0));
        // Should Valkey not have been told of ends that are recorded, it lists them still: those are passed over.
        while let Some(from) = offset.filter(|_| batch.handles.is_empty()) {
            let mut selected = self.select(account, revocation, known, from, max).await?;
            offset = selected.next_offset;
            batch.more = offset.is_some() || selected.entries.len() > max;
            selected.entries.truncate(max);
            batch.handles = self.record_ends(&mut transaction, revocation, &selected.entries).await?;
            ended.extend(selected.entries);
        }
        transaction.commit().await?;
        let told = stream::iter(ended)
            .map(async |entry| self.mark_ended_or_log(&entry.id, revocation.reason, revocation.at).await);
        told.buffer_unordered(CONCURRENT_CALLS).collect::<()>().await;
        Ok(batch)
    }

    /// Entries of an account that are selected: of all its sessions, those among `max` after the first `offset`.
    async fn select(
        &self,
        account: &AccountId,
        revocation: &Revocation,
        known: Option<&StoredSession>,
        offset: usize,
        max: usize,
    ) -> Result<Selected, StoreError> {
        let (sessions, now) = (&revocation.sessions, revocation.at);
        let max = match sessions {
            Selection::ById(_) => {
                return Ok(Selected {
                    entries: known.map(Entry::of).into_iter().collect(),
                    next_offset: None,
                });
            }
            Selection::LeastRecentlyUsed { keep, .. } => {
                let keep = usize::try_from(*keep).unwrap_or(usize::MAX);
                let mut entries = self.index_of(account, now, 0, keep + MAX_COMPARED + 2).await?;
                entries.retain(|entry| entry.is_selected_by(sessions));
                let entries = self.least_recently_used(entries, keep, now).await?;
                return Ok(Selected { entries, next_offset: None });
            }
            Selection::ByHandle(..) => usize::try_from(i64::MAX).unwrap_or(usize::MAX),
            Selection::AllExcept(..) | Selection::All(_) | Selection::AllAccounts => max,
        };
        let mut entries = self.index_of(account, now, offset, max).await?;
        let next_offset = (entries.len() >= max).then_some(offset + max);
        entries.retain(|entry| entry.is_selected_by(sessions));
        Ok(Selected { entries, next_offset })
    }

    /// All but `keep`. Of very many, which only an account has that is older than the limit, those are taken whose
    /// absolute timeout comes first, instead of reading all of them.
    async fn least_recently_used(
        &self,
        mut entries: Vec<Entry>,
        keep: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, StoreError> {
        if entries.len() > keep + MAX_COMPARED {
            entries.truncate(MAX_COMPARED);
            return Ok(entries);
        }
        if entries.len() <= keep {
            return Ok(Vec::new());
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
        let lookups = self.load_many(&ids, now).await?;
        let mut used: Vec<_> = entries
            .into_iter()
            .zip(lookups)
            .filter_map(|(entry, lookup)| match lookup {
                Lookup::Live(live) => Some(((live.session.seen_at, live.session.created_at), entry)),
                _ => None,
            })
            .collect();
        used.sort_by_key(|(used, _)| Reverse(*used));
        Ok(used.into_iter().skip(keep).map(|(_, entry)| entry).collect())
    }

    /// Ends sessions of whichever accounts have some, until there are none. Their accounts are locked first: a rotation
    /// may just be replacing one, and the next call finds its successor.
    pub(super) async fn end_of_any_account(
        &self,
        revocation: &Revocation,
        max: usize,
    ) -> Result<EndedBatch, StoreError> {
        let later = format!("({}", revocation.at.millis());
        let ids = self.find_in(&Index::EXPIRIES, &later, "+inf", max).await?;
        let found = self.read_many(&ids, revocation.at).await?;
        let sessions: Vec<_> = found.into_iter().filter_map(live_session).collect();
        let accounts = sessions.iter().filter_map(|session| session.account.as_ref());
        let accounts = accounts.map(|account| account.as_str().to_owned()).collect();
        let mut transaction = self.db.begin().await?;
        lock_accounts(&mut transaction, &accounts).await?;
        let entries: Vec<_> = sessions.iter().map(Entry::of).collect();
        let handles = self.record_ends(&mut transaction, revocation, &entries).await?;
        transaction.commit().await?;
        let more = !ids.is_empty();
        let told = stream::iter(ids).map(async |id| {
            if self.mark_ended(&id, revocation.reason, revocation.at).await?.is_none() {
                // Not live, and listed by mistake.
                self.mark_expired(&id, revocation.at).await?;
            }
            Ok::<_, StoreError>(())
        });
        told.buffer_unordered(CONCURRENT_CALLS).try_collect::<()>().await?;
        Ok(EndedBatch { handles, more })
    }

    /// Records the ends in the database. Returns the handles of the sessions that it has ended.
    async fn record_ends(
        &self,
        transaction: &mut Transaction,
        revocation: &Revocation,
        entries: &[Entry],
    ) -> Result<Vec<SessionHandle>, StoreError> {
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
        let mut selected = Vec::with_capacity(entries.len());
        for (entry, lookup) in entries.iter().zip(self.read_many(&ids, revocation.at).await?) {
            match lookup {
                Lookup::Live(live) => selected.push((entry, Some(live.session))),
                // About to be stored, or by a newer release in a way that this one cannot read.
                Lookup::Unknown => selected.push((entry, None)),
                Lookup::Ended(_) | Lookup::Expired(_) => {}
            }
        }
        let until = |entry: &Entry| entry.absolute_expires_at + MARGIN;
        let rows: Vec<_> = selected.iter().map(|(entry, _)| (entry.id.as_str(), until(entry))).collect();
        let recorded = ended_sessions::record_many(transaction, &rows, revocation.reason.as_str()).await?;
        let ended = selected.iter().filter(|(entry, _)| recorded.contains(entry.id.as_str()));
        let ended: Vec<_> = ended.filter_map(|(_, session)| session.clone()).collect();
        let ends: Vec<_> = ended.iter().filter_map(|session| revocation_event(revocation, session)).collect();
        events::append_all(transaction, &ends).await?;
        Ok(ended.iter().map(|session| session.handle.clone()).collect())
    }

    /// The session is over in any case. Until Valkey knows, it merely takes up more space than a tombstone.
    async fn mark_ended_or_log(&self, id: &IdHash, reason: EndReason, at: Timestamp) {
        if let Err(error) = self.mark_ended(id, reason, at).await {
            tracing::warn!(cause = %error_chain(&error), "an ended session could not be marked in Valkey");
        }
    }

    /// Inserts a session that signs in. If its events cannot be recorded, it does not stay.
    pub(super) async fn create_with(
        &self,
        session: &StoredSession,
        events: &[SecurityEvent],
    ) -> Result<(), StoreError> {
        self.insert(session, &session.values).await?;
        let recorded = async {
            let mut transaction = self.db.begin().await?;
            events::append_all(&mut transaction, events).await?;
            transaction.commit().await
        };
        if let Err(error) = recorded.await {
            self.mark_ended_or_log(&session.id_hash, EndReason::Replaced, session.seen_at).await;
            return Err(error.into());
        }
        Ok(())
    }

    /// See [`Store::rotate`](super::super::Store::rotate).
    pub(super) async fn replace(
        &self,
        old: &IdHash,
        new: &StoredSession,
        now: Timestamp,
        events: &[SecurityEvent],
    ) -> Result<Option<Values>, StoreError> {
        let mut transaction = self.db.begin().await?;
        if let Some(account) = &new.account {
            lock_account(&mut transaction, account).await?;
            let (replaced, until) = (EndReason::Replaced.as_str(), new.absolute_expires_at + MARGIN);
            if !ended_sessions::record(&mut transaction, old.as_str(), replaced, until).await? {
                return Ok(None);
            }
        }
        events::append_all(&mut transaction, events).await?;
        if self.read(&new.id_hash, now).await? != Lookup::Unknown {
            return Err(StoreError::Exists);
        }
        let Some(ended) = self.mark_ended(old, EndReason::Replaced, now).await? else { return Ok(None) };
        self.insert(new, &ended.values).await?;
        if let Err(error) = transaction.commit().await {
            self.mark_ended_or_log(&new.id_hash, EndReason::Replaced, now).await;
            return Err(error.into());
        }
        Ok(Some(ended.values))
    }

    /// Records in the database that these sessions have expired, unless they have ended before. Returns them.
    pub(super) async fn record_expiries(
        &self,
        fields: impl Iterator<Item = Fields>,
        now: Timestamp,
    ) -> Result<Vec<StoredSession>, StoreError> {
        let expired: Vec<_> = fields.filter_map(|fields| fields.expired_session(now)).collect();
        if expired.is_empty() {
            return Ok(expired);
        }
        let mut transaction = self.db.begin_unsynced().await?;
        for session in &expired {
            let (id, reason) = (session.id_hash.as_str(), expiry_reason(session).as_str());
            let until = session.absolute_expires_at + MARGIN;
            if ended_sessions::record(&mut transaction, id, reason, until).await? {
                events::append_all(&mut transaction, expiry_event(session).as_slice()).await?;
            }
        }
        transaction.commit().await?;
        Ok(expired)
    }
}
