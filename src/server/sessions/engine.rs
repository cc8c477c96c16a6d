//! The rules of a session's life.

use std::{future::Future, sync::Arc, time::Duration};

use http::HeaderMap;

use super::{
    Changes, Ending, Handle, IdHash, Lifetimes, Lookup, Method, Selection, SessionCookies, SessionId, Store,
    StoreError, StoredSession, Values,
};
use crate::{
    model::EndReason,
    server::{
        audit::{Event, EventKind},
        clock::{Clock, Entropy, Timestamp},
        db::accounts::AccountId,
        request::Client,
    },
};

/// Sessions written down and removed at a time: whoever wants to write meanwhile waits for one batch.
const PURGE_BATCH: u64 = 100;
/// Longest that removing a batch may take.
const PURGE_PATIENCE: Duration = Duration::from_secs(60);

/// Opens, begins, changes and ends sessions. Waits for the store no longer than it is told to.
#[derive(Debug)]
pub struct Engine {
    pub(super) cookies: SessionCookies,
    pub(super) lifetimes: Lifetimes,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    patience: Duration,
}

/// Whose session it becomes by signing in.
#[derive(Clone, Debug)]
pub struct Identity {
    pub account: AccountId,
    pub proof: Proof,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
}

/// How an account was proved.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    pub method: Method,
    /// The version of the credentials at the moment that they were read to be compared.
    pub credentials: i64,
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
    /// Nobody is signed in, or is any more.
    #[error("the session has ended")]
    Ended,
    /// The first two, met by way of `tower_sessions`, which keeps but the words of a cause.
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

    /// The session that the cookie of a request names.
    pub fn recognise(&self, headers: &HeaderMap) -> Option<IdHash> {
        self.cookies.read(headers).map(|presented| presented.id.hash())
    }

    /// What became of a session; looks, and changes nothing.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time.
    pub async fn look(&self, id: &IdHash) -> Result<Lookup, SessionError> {
        Ok(match self.within(self.store.load(id, self.clock.now())).await? {
            Lookup::Live(found) if found.is_outdated() => Lookup::Ended(EndReason::PasswordChanged),
            lookup => lookup,
        })
    }

    /// Opens the session of an id, and moves its idle clock if it shall (`touch`) and that is due; says
    /// whether it was.
    pub(super) async fn open(&self, id: &SessionId, touch: bool) -> Result<(Lookup, bool), SessionError> {
        let now = self.clock.now();
        let mut lookup = self.look(&id.hash()).await?;
        let Lookup::Live(found) = &mut lookup else { return Ok((lookup, false)) };
        let session = &mut found.session;
        if !touch || !self.lifetimes.is_touch_due(session, now) {
            return Ok((lookup, false));
        }
        let expires_at = self.lifetimes.expiry(now, session.absolute_expires_at, session.remembered);
        if self.within(self.store.touch(&session.id_hash, now, expires_at)).await? {
            (session.seen_at, session.expires_at) = (now, expires_at);
            Ok((lookup, true))
        } else {
            // Ended between the two statements.
            Ok((self.look(&id.hash()).await?, false))
        }
    }

    /// Begins a session: of nobody, or of somebody who signs in.
    pub(super) async fn begin(
        &self,
        identity: Option<Identity>,
        values: Values,
        client: &Client,
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
            methods: identity.iter().map(|identity| identity.proof.method).collect(),
            credentials: identity.as_ref().map_or(0, |identity| identity.proof.credentials),
            account: identity.map(|identity| identity.account),
        };
        let signed_in = session.account.as_ref().map(|_| self.event(EventKind::SignedIn, &session, client));
        self.within(self.store.create(&session, signed_in.as_slice())).await?;
        Ok((id, session))
    }

    /// Moves a session to a new id after its account was proved again. It goes on
    /// otherwise as it was: same handle, same values, and it ends no later. `None` if it has ended.
    pub(super) async fn rotate(
        &self,
        old: &StoredSession,
        proof: Proof,
        event: Option<EventKind>,
        client: &Client,
    ) -> Result<Option<(SessionId, StoredSession)>, SessionError> {
        let now = self.clock.now();
        let id = SessionId::generate(&*self.entropy);
        let mut session = StoredSession {
            id_hash: id.hash(),
            credentials: proof.credentials,
            authenticated_at: Some(now),
            seen_at: now,
            expires_at: self.lifetimes.expiry(now, old.absolute_expires_at, old.remembered),
            ..old.clone()
        };
        if !session.methods.contains(&proof.method) {
            session.methods.push(proof.method);
        }
        let event = event.map(|kind| self.event(kind, &session, client));
        let rotation = self.store.rotate(&old.id_hash, &session, now, event.as_slice());
        Ok(self.within(rotation).await?.map(|values| (id, StoredSession { values, ..session })))
    }

    /// Changes keys of a session; `false` if it has ended.
    pub(super) async fn merge(&self, id: &IdHash, changes: &Changes) -> Result<bool, SessionError> {
        self.within(self.store.merge(id, changes, self.clock.now())).await
    }

    /// The live sessions of an account.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time.
    pub async fn list(&self, account: &AccountId) -> Result<Vec<StoredSession>, SessionError> {
        self.within(self.store.list(account, self.clock.now())).await
    }

    /// Ends sessions; returns, once the store has it, the handles of those that it ended.
    ///
    /// # Errors
    /// If the store fails, or does not answer in time; some may have ended nevertheless.
    pub async fn end(
        &self,
        which: &Selection,
        reason: EndReason,
        client: &Client,
    ) -> Result<Vec<Handle>, SessionError> {
        let ending = Ending { reason, at: self.clock.now(), client: client.clone() };
        self.within(self.store.end(which, &ending)).await
    }

    /// How long the browser is to keep the cookie; `None` until it is closed.
    pub(super) fn max_age(&self, session: &StoredSession) -> Option<Duration> {
        session.remembered.then(|| session.expires_at.since(self.clock.now()))
    }

    /// Writes down what has expired, and removes what is kept no longer, in small batches so that
    /// nobody waits long for the writer.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn purge(&self) -> Result<(), SessionError> {
        loop {
            // Nobody waits for it, and on a slow disk a batch that is broken off is never done.
            let batch = self.store.purge(self.clock.now(), PURGE_BATCH);
            let done = tokio::time::timeout(PURGE_PATIENCE, batch).await;
            if done.map_err(|_| SessionError::TimedOut)?? < PURGE_BATCH {
                return Ok(());
            }
        }
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// If it does not, or not in time.
    pub async fn ping(&self) -> Result<(), SessionError> {
        self.within(self.store.ping()).await
    }

    /// Open pages say so when a session ends within this time.
    pub fn warning(&self) -> Duration {
        self.lifetimes.warning()
    }

    /// The moment the rules go by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn event(&self, kind: EventKind, session: &StoredSession, client: &Client) -> Event {
        let (account, handle) = (session.account.clone(), Some(session.handle.clone()));
        Event::new(kind, self.clock.now(), account, handle, client)
    }

    async fn within<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, SessionError> {
        match tokio::time::timeout(self.patience, call).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(SessionError::TimedOut),
        }
    }
}
