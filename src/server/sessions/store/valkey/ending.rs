//! What ends sessions of accounts: the database decides, in a transaction, and then Valkey is told.

use std::time::Duration;

use redis::cmd;

use super::{
    super::{Lookup, Revocation, Selection, StoreError},
    ValkeyStore,
    fields::Fields,
    keys::parse_index_member,
};
use crate::{
    model::EndReason,
    server::{
        db::{Transaction, ended_sessions, events, lock_account},
        domain::{AccountId, SecurityEvent, SessionHandle, Timestamp, error_chain},
        sessions::{IdHash, StoredSession, Values, expiry_event, expiry_reason, revocation_event},
    },
};

/// How long the end of a session is recorded beyond its absolute expiry, by whatever clock.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// An entry in the index of an account.
#[derive(Clone, Debug)]
struct Entry {
    handle: SessionHandle,
    id: IdHash,
    absolute_expires_at: Timestamp,
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
            Selection::AllExcept(_, handle) => self.handle != *handle,
            Selection::All(_) => true,
        }
    }
}

impl ValkeyStore {
    async fn index_of(&self, account: &AccountId, now: Timestamp) -> Result<Vec<Entry>, StoreError> {
        let mut command = cmd("ZRANGEBYSCORE");
        command
            .arg(self.keys.account(account))
            .arg(format!("({}", now.millis()))
            .arg("+inf")
            .arg("WITHSCORES");
        let members: Vec<(String, i64)> = self.connection().read(&command).await?;
        let entries = members.iter().filter_map(|(member, score)| {
            let (handle, id) = parse_index_member(member)?;
            Some(Entry { handle, id, absolute_expires_at: Timestamp::from_millis(*score) })
        });
        Ok(entries.collect())
    }

    /// The ids of the sessions of an account.
    pub(super) async fn ids_of(
        &self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<IdHash>, StoreError> {
        Ok(self.index_of(account, now).await?.into_iter().map(|entry| entry.id).collect())
    }

    /// Ends sessions of an account; `known` is one of those that are selected, if it was read already.
    pub(super) async fn end_sessions_of(
        &self,
        account: &AccountId,
        revocation: &Revocation,
        known: Option<&StoredSession>,
    ) -> Result<Vec<SessionHandle>, StoreError> {
        let mut transaction = self.db.begin().await?;
        lock_account(&mut transaction, account).await?;
        let mut entries = self.index_of(account, revocation.at).await?;
        entries.retain(|entry| entry.is_selected_by(&revocation.sessions));
        if let Some(known) = known.filter(|known| entries.iter().all(|entry| entry.id != known.id_hash)) {
            entries.push(Entry::of(known));
        }
        let ended = self.record_ends(&mut transaction, revocation, &entries).await?;
        transaction.commit().await?;
        for entry in &entries {
            self.mark_ended_or_log(&entry.id, revocation.reason, revocation.at).await;
        }
        Ok(ended)
    }

    /// Records the ends in the database. Returns the handles of the sessions that it has ended.
    async fn record_ends(
        &self,
        transaction: &mut Transaction,
        revocation: &Revocation,
        entries: &[Entry],
    ) -> Result<Vec<SessionHandle>, StoreError> {
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.clone()).collect();
        let mut ended = Vec::new();
        for (entry, lookup) in entries.iter().zip(self.read_many(&ids, revocation.at).await?) {
            let session = match lookup {
                Lookup::Live(live) => Some(live.session),
                // About to be stored, or by a newer release in a way that this one cannot read.
                Lookup::Unknown => None,
                Lookup::Ended(_) | Lookup::Expired(_) => continue,
            };
            let (id, reason) = (entry.id.as_str(), revocation.reason.as_str());
            let until = entry.absolute_expires_at + MARGIN;
            let recorded = ended_sessions::record(transaction, id, reason, until).await?;
            if let Some(session) = session.filter(|_| recorded) {
                events::append_all(transaction, revocation_event(revocation, &session).as_slice()).await?;
                ended.push(session.handle.clone());
            }
        }
        Ok(ended)
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

    /// Records in the database that these sessions have expired, unless they have ended before.
    pub(super) async fn record_expiries(
        &self,
        fields: impl Iterator<Item = Fields>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let expired: Vec<_> = fields.filter_map(|fields| fields.expired_session(now)).collect();
        if expired.is_empty() {
            return Ok(());
        }
        let mut transaction = self.db.begin_unsynced().await?;
        for session in expired {
            let (id, reason) = (session.id_hash.as_str(), expiry_reason(&session).as_str());
            let until = session.absolute_expires_at + MARGIN;
            if ended_sessions::record(&mut transaction, id, reason, until).await? {
                events::append_all(&mut transaction, expiry_event(&session).as_slice()).await?;
            }
        }
        Ok(transaction.commit().await?)
    }
}
