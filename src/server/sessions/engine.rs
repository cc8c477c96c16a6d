//! The rules of a session's life.

use std::{future::Future, sync::Arc, time::Duration};

use super::{
    Changes, EndReason, Handle, IdHash, Lifetimes, Method, SessionCookies, SessionId, Store, StoreError,
    StoredSession, TOUCH_INTERVAL, Values,
};
use crate::server::{
    clock::{Clock, Entropy, Timestamp},
    db::accounts::AccountId,
    request::Client,
};

/// Sessions removed in one statement.
const PURGE_BATCH: u64 = 500;

/// Opens, begins, changes and ends sessions. Waits for the store no longer than it is told to.
#[derive(Debug)]
pub struct Engine {
    pub(super) cookies: SessionCookies,
    store: Arc<dyn Store>,
    lifetimes: Lifetimes,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    patience: Duration,
}

/// Whose session it becomes by signing in.
#[derive(Clone, Debug)]
pub struct Identity {
    pub account: AccountId,
    pub methods: Vec<Method>,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
}

/// Why a session could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the session store did not answer in time")]
    TimedOut,
    #[error("the session was written after the head of the response was sent")]
    TooLate,
    /// The same two, met by way of `tower_sessions`, which keeps but the words of a cause.
    #[error("{0}")]
    Unavailable(String),
    #[error("a value of the session could not be read or written")]
    Value(#[source] serde_json::Error),
}

impl From<tower_sessions::session::Error> for SessionError {
    fn from(error: tower_sessions::session::Error) -> Self {
        match error {
            tower_sessions::session::Error::SerdeJson(error) => Self::Value(error),
            tower_sessions::session::Error::Store(error) => Self::Unavailable(error.to_string()),
        }
    }
}

impl Engine {
    pub fn new(
        cookies: SessionCookies,
        store: Arc<dyn Store>,
        lifetimes: Lifetimes,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        patience: Duration,
    ) -> Self {
        Self { cookies, store, lifetimes, clock, entropy, patience }
    }

    /// The live session of an id, and whether its idle clock was moved.
    pub(super) async fn open(&self, id: &SessionId) -> Result<Option<(StoredSession, bool)>, SessionError> {
        let now = self.clock.now();
        let Some(mut session) = self.within(self.store.load(&id.hash(), now)).await? else {
            return Ok(None);
        };
        let due = now.since(session.seen_at) >= TOUCH_INTERVAL;
        if due {
            let expires_at = self.lifetimes.expiry(now, session.absolute_expires_at, session.remembered);
            if !self.within(self.store.touch(&session.id_hash, now, expires_at)).await? {
                return Ok(None); // ended between the two statements
            }
            (session.seen_at, session.expires_at) = (now, expires_at);
        }
        Ok(Some((session, due)))
    }

    /// Begins a session under a new id, ending `replaced` in the same breath.
    pub(super) async fn begin(
        &self,
        identity: Option<Identity>,
        values: Values,
        client: &Client,
        replaced: Option<&IdHash>,
    ) -> Result<(SessionId, StoredSession), SessionError> {
        let now = self.clock.now();
        let id = SessionId::generate(&*self.entropy);
        let remembered = identity.as_ref().is_some_and(|identity| identity.remembered);
        let absolute_expires_at = self.lifetimes.absolute_expiry(now, identity.as_ref());
        let session = StoredSession {
            id_hash: id.hash(),
            handle: Handle::generate(&*self.entropy),
            authenticated_at: identity.as_ref().map(|_| now),
            remembered,
            user_agent: client.user_agent.clone(),
            address: client.address.to_string(),
            values,
            created_at: now,
            seen_at: now,
            expires_at: self.lifetimes.expiry(now, absolute_expires_at, remembered),
            absolute_expires_at,
            methods: identity.as_ref().map(|identity| identity.methods.clone()).unwrap_or_default(),
            account: identity.map(|identity| identity.account),
        };
        match replaced {
            Some(old) => self.within(self.store.replace(old, &session, now)).await?,
            None => self.within(self.store.create(&session)).await?,
        }
        Ok((id, session))
    }

    /// Changes keys of a session; `false` if it has ended.
    pub(super) async fn merge(&self, id: &IdHash, changes: &Changes) -> Result<bool, SessionError> {
        self.within(self.store.merge(id, changes, self.clock.now())).await
    }

    /// Ends a session; returns once the store has it.
    pub(super) async fn end(&self, id: &IdHash, reason: EndReason) -> Result<bool, SessionError> {
        self.within(self.store.end(id, reason, self.clock.now())).await
    }

    /// Whether a session has not ended meanwhile.
    pub(super) async fn is_live(&self, id: &IdHash) -> Result<bool, SessionError> {
        Ok(self.within(self.store.load(id, self.clock.now())).await?.is_some())
    }

    /// How long the browser is to keep the cookie; `None` until it is closed.
    pub(super) fn max_age(&self, session: &StoredSession) -> Option<Duration> {
        session.remembered.then(|| session.expires_at.since(self.clock.now()))
    }

    /// Removes sessions that expired, and tombstones that would have by now, in small batches so
    /// that nobody waits long for the writer.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn purge(&self) -> Result<(), SessionError> {
        while self.within(self.store.purge(self.clock.now(), PURGE_BATCH)).await? == PURGE_BATCH {}
        Ok(())
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// If it does not, or not in time.
    pub async fn ping(&self) -> Result<(), SessionError> {
        self.within(self.store.ping()).await
    }

    /// The moment the rules go by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn within<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, SessionError> {
        match tokio::time::timeout(self.patience, call).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(SessionError::TimedOut),
        }
    }
}
