//! The session of a request, as application code sees it.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

use super::{
    Authentication, Changes, CookieChange, Engine, Identity, Key, Selection, SessionError, SessionStatus,
    StoredSession, Values, VerifiedCookie, key,
    request_state::RequestState,
    tower::{TowerStore, tower_id},
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::domain::{Account, AccountId, Client, SessionHandle},
};

/// What the next page says once.
const FLASH: Key<String> = Key::new("flash");

/// The session of one request; clones are the same session.
#[derive(Clone, Debug)]
pub struct RequestSession {
    /// Its values.
    values: Session,
    store: Arc<TowerStore>,
    /// Its life.
    state: Arc<RequestState>,
}

/// What became of a session when its request was handled.
#[derive(Debug)]
pub struct ClosedSession {
    pub cookie: CookieChange,
    /// Whether the changes were written.
    pub written: Result<(), SessionError>,
}

impl RequestSession {
    /// Opens the session of a cookie. With `touch`, the request counts as activity.
    pub async fn open(
        engine: Arc<Engine>,
        cookie: Option<VerifiedCookie>,
        client: Client,
        touch: bool,
    ) -> Self {
        let state = Arc::new(RequestState::open(engine, cookie, client, touch).await);
        let id = state.session().map(|session| tower_id(&session.handle));
        let store = Arc::new(TowerStore::new(Arc::clone(&state)));
        Self { values: Session::new(id, Arc::clone(&store), None), store, state }
    }

    /// The session status when the request arrived.
    pub fn status(&self) -> SessionStatus {
        self.state.status
    }

    /// The session as it is stored; `None` if there is none.
    pub fn stored(&self) -> Option<Arc<StoredSession>> {
        self.state.session()
    }

    /// The account that is signed in.
    pub fn account(&self) -> Option<Arc<Account>> {
        self.state.account()
    }

    /// Where the request came from.
    pub fn client(&self) -> &Client {
        &self.state.client
    }

    pub fn engine(&self) -> &Engine {
        &self.state.engine
    }

    /// The values of this session, for libraries made for `tower-sessions`. What they save is written when
    /// the request has been handled. Its id is opaque and gives no access.
    ///
    /// `delete`, `flush` and `cycle_id` end the session. If values are kept after that, they begin an
    /// anonymous session; of a session that was signed in, only keys that [survive sign-in] get there.
    /// `set_expiry` has no effect: [`Lifetimes`](super::Lifetimes) are for all sessions.
    ///
    /// [survive sign-in]: Key::surviving_sign_in
    pub fn tower(&self) -> Session {
        self.values.clone()
    }

    /// Begins the session of an account, under a new id; the session before is over at once. Its values
    /// are dropped, except those of keys that [survive sign-in]: another person may have put them there
    /// (session fixation, ASVS 7.2.4).
    ///
    /// [survive sign-in]: Key::surviving_sign_in
    ///
    /// # Errors
    /// If the store fails; then no one is signed in or out.
    pub async fn sign_in(&self, identity: Identity) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        let mut values = self.current_values().await?;
        values.retain(|name, _| key::survives(name));
        self.state.sign_in(identity, values.clone()).await?;
        self.replace_values(values).await
    }

    /// Gives this session a new id after its account was authenticated again; the old one ends at once.
    /// Handle, values and absolute expiry stay as they are. `event` is recorded with it.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if no one is signed in, or the session has ended meanwhile; another if the
    /// store fails.
    pub async fn reauthenticate(
        &self,
        authentication: Authentication,
        event: Option<SecurityEventKind>,
    ) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        self.signed_in()?;
        let values = self.current_values().await?;
        let values = self.state.rotate(authentication, event, &values).await?;
        self.replace_values(values).await
    }

    /// Extends this session by its idle timeout, unless that was done when it was opened.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if there is none, or it has ended meanwhile; another if the store fails.
    pub async fn extend(&self) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        self.state.extend().await
    }

    /// Ends another session of the same account; `false` if there is none with this handle.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if no one is signed in; another if the store fails.
    pub async fn end_session(&self, handle: SessionHandle) -> Result<bool, SessionError> {
        let (account, _) = self.signed_in()?;
        let one = Selection::ByHandle(account, handle);
        Ok(self.revoke(one, EndReason::EndedElsewhere).await? > 0)
    }

    /// Ends all other sessions of the same account. Returns how many it has ended.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if no one is signed in; another if the store fails.
    pub async fn end_other_sessions(&self, reason: EndReason) -> Result<usize, SessionError> {
        let (account, handle) = self.signed_in()?;
        self.revoke(Selection::AllExcept(account, handle), reason).await
    }

    /// Ends this session, and removes its cookie.
    ///
    /// # Errors
    /// If the store fails; then the session is still live, and its cookie stays.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        self.state.sign_out().await?;
        self.replace_values(Values::new()).await
    }

    /// Keeps a value. The last of several requests that write a key wins.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub async fn insert<T: Serialize>(&self, key: &Key<T>, value: &T) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        self.values.insert(key.name(), value).await?;
        self.state.mark_dirty(key.name());
        Ok(())
    }

    /// Keeps a value of a session that is stored, at once: if that fails, the request may go on.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if there is no session any more; another if the store fails.
    pub async fn insert_now<T: Serialize>(&self, key: &Key<T>, value: &T) -> Result<(), SessionError> {
        self.state.refuse_if_closed()?;
        let session = self.stored().ok_or(SessionError::Ended)?;
        let value = serde_json::to_value(value).map_err(tower_sessions::session::Error::from)?;
        let changes = Changes::from([(key.name().to_owned(), Some(value))]);
        if self.engine().merge(&session.id_hash, &changes).await? { Ok(()) } else { Err(SessionError::Ended) }
    }

    /// # Errors
    /// If what is kept is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<Option<T>, SessionError> {
        Ok(self.values.get(key.name()).await?)
    }

    /// Removes a value and returns it.
    ///
    /// # Errors
    /// If what was kept is not a `T`; it is removed all the same.
    pub async fn remove<T: DeserializeOwned>(&self, key: &Key<T>) -> Result<Option<T>, SessionError> {
        self.state.refuse_if_closed()?;
        self.state.mark_dirty(key.name());
        Ok(self.values.remove(key.name()).await?)
    }

    /// Leaves a message for the next page that is shown.
    ///
    /// # Errors
    /// If the session is closed already.
    pub async fn set_flash(&self, message: impl Into<String>) -> Result<(), SessionError> {
        self.insert(&FLASH, &message.into()).await
    }

    /// Takes the message that the last form has left. One that an older version of the program wrote in
    /// another form is dropped.
    pub async fn take_flash(&self) -> Option<String> {
        let waiting = self.stored().is_some_and(|session| session.values.contains_key(FLASH.name()));
        if waiting { self.remove(&FLASH).await.ok().flatten() } else { None }
    }

    /// Writes what the request has changed, and says what becomes of the cookie. Later writes are refused.
    pub async fn close(&self) -> ClosedSession {
        let written = self.write().await;
        self.state.drop_cookie_if_ended().await;
        ClosedSession { cookie: self.state.close(), written }
    }

    async fn write(&self) -> Result<(), SessionError> {
        if self.values.is_modified() || self.state.is_dirty() {
            let values = self.current_values().await?;
            self.state.write(values).await?;
        }
        Ok(())
    }

    async fn current_values(&self) -> Result<Values, SessionError> {
        self.values.save().await?;
        Ok(self.store.saved())
    }

    async fn replace_values(&self, values: Values) -> Result<(), SessionError> {
        self.values.clear().await;
        for (name, value) in values {
            self.values.insert_value(&name, value).await?;
        }
        Ok(())
    }

    async fn revoke(&self, sessions: Selection, reason: EndReason) -> Result<usize, SessionError> {
        self.engine().revoke(sessions, reason, self.client()).await
    }

    /// The account and the handle of a session that is signed in.
    fn signed_in(&self) -> Result<(AccountId, SessionHandle), SessionError> {
        let session = self.stored().ok_or(SessionError::Ended)?;
        let account = session.account.clone().ok_or(SessionError::Ended)?;
        Ok((account, session.handle.clone()))
    }
}
