//! The rules of a session's life.

use std::{future::Future, sync::Arc, time::Duration};

use super::{
    Authentication, Changes, IdHash, Identity, Lifetimes, LiveSession, Lookup, Revocation, Selection,
    SessionError, SessionId, Store, StoreError, StoredSession, Values,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::config::MAX_SESSIONS,
    server::domain::{Account, Client, Clock, Entropy, SecurityEvent, SessionHandle, Timestamp, error_chain},
};

/// How many sessions the purge processes at a time; other writers wait for one batch at most.
const PURGE_BATCH: u64 = 100;
/// How long one batch may take.
pub const PURGE_BATCH_TIMEOUT: Duration = Duration::from_secs(60);
/// How many sessions are ended at a time; other writers wait for one batch at most, and one that fails leaves those
/// before it ended.
const END_BATCH: u32 = 500;
/// How long a page waits for a touch. It is shown without: the session merely expires earlier.
const TOUCH_TIMEOUT: Duration = Duration::from_secs(1);

/// Opens, begins, changes and ends sessions.
#[derive(Debug)]
pub struct Engine {
    store: Arc<dyn Store>,
    lifetimes: Lifetimes,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// How many sessions an account may have.
    max_per_account: u32,
    /// How long to wait for the store.
    timeout: Duration,
}

/// What a touch did.
#[derive(Debug)]
pub(super) enum Touch {
    NotDue,
    Extended(Arc<StoredSession>),
    /// The session has ended meanwhile.
    Ended,
}

impl Engine {
    pub fn new(
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        max_per_account: u32,
        timeout: Duration,
    ) -> Self {
        Self { store, lifetimes, clock, entropy, max_per_account, timeout }
    }

    /// The state of a session. One that has expired is stored as ended, so that it stays so if the clock
    /// is set back.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time.
    pub async fn lookup(&self, id: &IdHash) -> Result<Lookup, SessionError> {
        let now = self.now();
        let lookup = self.within_timeout(self.store.load(id, now)).await?;
        if let Lookup::Expired(_) = lookup
            && let Err(error) = self.within_timeout(self.store.expire(id, now)).await
        {
            tracing::warn!(cause = %error_chain(&error), "the expiry of a session could not be stored");
        }
        Ok(self.judge(lookup, now))
    }

    /// The states of several sessions, each of which is asked for once, in the same order. Expiries are left to
    /// the purge.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time.
    pub async fn lookup_many(&self, ids: &[IdHash]) -> Result<Vec<Lookup>, SessionError> {
        let now = self.now();
        let mut lookups = self.within_timeout(self.store.load_many(ids, now)).await?;
        for lookup in &mut lookups {
            *lookup = self.judge(std::mem::replace(lookup, Lookup::Unknown), now);
        }
        Ok(lookups)
    }

    /// What a stored session counts as.
    fn judge(&self, lookup: Lookup, now: Timestamp) -> Lookup {
        match lookup {
            Lookup::Live(live) if is_outdated(&live) => Lookup::Ended(EndReason::PasswordChanged),
            Lookup::Live(live) if self.lifetimes.is_implausible(&live.session, now) => Lookup::Unknown,
            Lookup::Expired(reason) => Lookup::Ended(reason),
            lookup => lookup,
        }
    }

    /// Moves the idle clock of a session, if that is due.
    pub(super) async fn touch(&self, session: &StoredSession) -> Result<Touch, SessionError> {
        let now = self.now();
        if !self.lifetimes.is_touch_due(session, now) {
            return Ok(Touch::NotDue);
        }
        let touched = self.lifetimes.touched(session, now);
        let is_live =
            tokio::time::timeout(self.timeout.min(TOUCH_TIMEOUT), self.store.touch(&touched, now)).await;
        let is_live = is_live.map_err(|_| SessionError::TimedOut)??;
        Ok(if is_live { Touch::Extended(Arc::new(touched)) } else { Touch::Ended })
    }

    /// Begins a session: an anonymous one, or that of an account that signs in.
    pub(super) async fn begin(
        &self,
        identity: Option<Identity>,
        values: Values,
        client: &Client,
    ) -> Result<(SessionId, StoredSession), SessionError> {
        let now = self.now();
        let id = SessionId::generate(&*self.entropy);
        let remembered = identity.as_ref().is_some_and(|identity| identity.remembered);
        let absolute_expires_at = self.lifetimes.absolute_expiry(now, identity.as_ref());
        let authentication = identity.as_ref().map(|identity| identity.authentication);
        let session = StoredSession {
            id_hash: id.hash(),
            handle: SessionHandle::generate(&*self.entropy),
            account: identity.map(|identity| identity.account),
            methods: authentication.iter().map(|authentication| authentication.method).collect(),
            credential_version: authentication.map_or(0, |authentication| authentication.credential_version),
            authenticated_at: authentication.map(|_| now),
            remembered,
            user_agent: client.user_agent.clone(),
            address: client.address.to_string(),
            values,
            created_at: now,
            seen_at: now,
            expires_at: self.lifetimes.expiry(now, absolute_expires_at, remembered),
            absolute_expires_at,
        };
        let is_sign_in = session.account.is_some();
        let event = is_sign_in.then(|| self.event(SecurityEventKind::SignedIn, &session, client));
        self.within_timeout(self.store.create(&session, event.as_slice())).await?;
        Ok((id, session))
    }

    /// Gives a session a new id after its account was authenticated again. Handle, values and absolute
    /// expiry stay as they are. `None` if it has ended.
    pub(super) async fn rotate(
        &self,
        old: &StoredSession,
        authentication: Authentication,
        event: Option<SecurityEventKind>,
        client: &Client,
    ) -> Result<Option<(SessionId, StoredSession)>, SessionError> {
        let now = self.now();
        let id = SessionId::generate(&*self.entropy);
        let mut session = StoredSession {
            id_hash: id.hash(),
            credential_version: authentication.credential_version,
            authenticated_at: Some(now),
            ..self.lifetimes.touched(old, now)
        };
        if !session.methods.contains(&authentication.method) {
            session.methods.push(authentication.method);
        }
        let event = event.map(|kind| self.event(kind, &session, client));
        let rotation = self.store.rotate(&old.id_hash, &session, now, event.as_slice());
        let values = self.within_timeout(rotation).await?;
        Ok(values.map(|values| (id, StoredSession { values, ..session })))
    }

    /// Changes keys of a session; `false` if it has ended.
    pub(super) async fn merge(&self, id: &IdHash, changes: &Changes) -> Result<bool, SessionError> {
        self.within_timeout(self.store.merge(id, changes, self.now())).await
    }

    /// Ends the least recently used sessions of an account that has more than it may, now that this one was begun: a
    /// batch at most, should it have had many more before there was a limit.
    pub(super) async fn end_excess(
        &self,
        session: &StoredSession,
        client: &Client,
    ) -> Result<(), SessionError> {
        let Some(account) = session.account.clone() else { return Ok(()) };
        let (except, keep) = (session.handle.clone(), self.max_per_account.saturating_sub(1));
        let sessions = Selection::LeastRecentlyUsed { account, except, keep };
        let reason = EndReason::TooManySessions;
        let revocation = Revocation { sessions, reason, at: self.now(), client: client.clone() };
        self.within_timeout(self.store.end(&revocation, END_BATCH)).await.map(drop)
    }

    /// The live sessions of an account, the last active first; no more than it may have at the most.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time.
    pub async fn list(&self, account: &Account) -> Result<Vec<StoredSession>, SessionError> {
        let mut sessions =
            self.within_timeout(self.store.list(&account.id, self.now(), MAX_SESSIONS)).await?;
        sessions.retain(|session| session.matches_credentials_of(account));
        sessions.sort_by_key(|session| std::cmp::Reverse(session.seen_at));
        Ok(sessions)
    }

    /// Ends sessions at once, in batches. Returns how many it has ended.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time; some may have ended nevertheless.
    pub async fn revoke(
        &self,
        sessions: Selection,
        reason: EndReason,
        client: &Client,
    ) -> Result<usize, SessionError> {
        let revocation = Revocation { sessions, reason, at: self.now(), client: client.clone() };
        let mut ended = 0;
        loop {
            let batch = self.within_timeout(self.store.end(&revocation, END_BATCH)).await?;
            ended += batch.handles.len();
            if !batch.more {
                return Ok(ended);
            }
        }
    }

    /// How long the browser is to keep the cookie; `None` until it is closed.
    pub(super) fn max_age(&self, session: &StoredSession) -> Option<Duration> {
        session.remembered.then(|| session.expires_at.since(self.now()).unwrap_or_default())
    }

    /// Stores the end of sessions that have expired, and removes old tombstones: a batch of each. Returns
    /// whether there is more to do.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn purge_batch(&self) -> Result<bool, SessionError> {
        let now = self.now();
        let latest = self.lifetimes.latest_expiries(now);
        let batch = self.store.purge(now, &latest, PURGE_BATCH);
        // Longer than for a page: no one waits, and on a slow disk a batch must not be given up for ever.
        let purged = tokio::time::timeout(PURGE_BATCH_TIMEOUT, batch).await;
        Ok(purged.map_err(|_| SessionError::TimedOut)?? >= PURGE_BATCH)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// If it does not, or not in time.
    pub async fn ping(&self) -> Result<(), SessionError> {
        self.within_timeout(self.store.ping()).await
    }

    /// True if the account was authenticated so recently that no step-up is needed (ASVS 7.5.1).
    pub fn is_recently_authenticated(&self, session: &StoredSession) -> bool {
        self.lifetimes.is_recently_authenticated(session, self.now())
    }

    /// Open pages warn when this is left of a session.
    pub fn warning(&self) -> Duration {
        self.lifetimes.warning()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn event(&self, kind: SecurityEventKind, session: &StoredSession, client: &Client) -> SecurityEvent {
        let (account, handle) = (session.account.clone(), Some(session.handle.clone()));
        SecurityEvent::new(kind, self.now(), account, handle, client)
    }

    async fn within_timeout<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, SessionError> {
        match tokio::time::timeout(self.timeout, call).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(SessionError::TimedOut),
        }
    }
}

/// True if the password of the account was changed after the session had been authenticated.
fn is_outdated(live: &LiveSession) -> bool {
    live.account.as_ref().is_some_and(|account| !live.session.matches_credentials_of(account))
}
