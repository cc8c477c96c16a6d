//! The session of the request at hand, as application code sees it.

use std::sync::Arc;

use http::{HeaderMap, header};
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

use super::{
    Engine, Handle, Identity, Key, Lookup, Proof, Selection, SessionError, StoredSession,
    bridge::{Bridge, Succession},
    cookie::Presented,
};
use crate::{
    model::EndReason,
    server::{
        audit::EventKind,
        clock::Timestamp,
        db::accounts::{Account, AccountId},
        error::chain,
        post_redirect_get::Flash,
        request::Client,
    },
};

/// Where the outcome of a form waits for the page that shows it.
const FLASH: Key<Flash> = Key::new("flash");

/// What became of the cookie that came with the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// None came, or nothing is known of its session.
    Nobody,
    /// Its session is no more.
    Ended(EndReason),
    Live,
    /// The store does not answer. That is not a sign-out: nobody can tell who this is.
    Unavailable,
}

/// The session of one request; clones are the same session.
#[derive(Clone, Debug)]
pub struct CurrentSession {
    opened: Opened,
    values: Session,
    bridge: Arc<Bridge>,
}

impl CurrentSession {
    /// Opens the session that the cookie in `headers` names. With `touch`, that counts as activity.
    pub(super) async fn open(engine: Arc<Engine>, headers: &HeaderMap, client: Client, touch: bool) -> Self {
        let presented = engine.cookies.read(headers);
        let (opened, live, renew) = match presented {
            None => (Opened::Nobody, None, false),
            Some(Presented { id, outdated }) => match engine.open(&id, touch).await {
                Ok((Lookup::Unknown, _)) => (Opened::Nobody, None, false),
                Ok((Lookup::Ended(reason), _)) => (Opened::Ended(reason), None, false),
                Ok((Lookup::Live(found), touched)) => {
                    // The cookie lives as long as the session, which a touch has just prolonged.
                    let renew = outdated || (touched && found.session.remembered);
                    (Opened::Live, Some((id, *found)), renew)
                }
                Err(error) => {
                    tracing::warn!(cause = %chain(&error), "a session could not be opened");
                    (Opened::Unavailable, None, false)
                }
            },
        };
        let id = live.as_ref().map(|(id, _)| id.to_tower());
        let bridge = Arc::new(Bridge::new(engine, client, live, renew));
        Self { opened, values: Session::new(id, Arc::clone(&bridge), None), bridge }
    }

    pub fn opened(&self) -> Opened {
        self.opened
    }

    /// Why the session that the cookie named is no more.
    pub fn ended(&self) -> Option<EndReason> {
        match self.opened {
            Opened::Ended(reason) => Some(reason),
            Opened::Nobody | Opened::Live | Opened::Unavailable => None,
        }
    }

    /// The session as the store has it; `None` for visitors without one.
    pub fn stored(&self) -> Option<StoredSession> {
        self.bridge.live()
    }

    /// The account behind the session, if the store brought it along.
    pub(in crate::server) fn account(&self) -> Option<Account> {
        self.bridge.account()
    }

    /// Whether the account proved a short while ago that it is them.
    pub fn is_fresh(&self) -> bool {
        self.stored().is_some_and(|session| self.bridge.engine().lifetimes.is_fresh(&session, self.now()))
    }

    /// What the request tells of the machine it came from.
    pub fn client(&self) -> &Client {
        self.bridge.client()
    }

    /// The moment the session's rules go by.
    pub fn now(&self) -> Timestamp {
        self.bridge.engine().now()
    }

    /// The same session for libraries made for `tower-sessions`. Its `cycle_id` begins an anonymous
    /// session: only [`CurrentSession::sign_in`] can give one to an account. Setting a key to the value
    /// that it had changes nothing there, while here the last writer wins.
    pub fn tower(&self) -> Session {
        self.values.clone()
    }

    /// Makes this the session of an account, under a new id; the old one is dead at once. Of what
    /// was in it nothing comes along but the values of keys that [survive sign-in]: it may have been
    /// planted (session fixation, ASVS 7.2.4).
    ///
    /// [survive sign-in]: Key::surviving_sign_in
    ///
    /// # Errors
    /// If the store fails; nobody is signed in or out then, and this request can keep nothing more.
    pub async fn sign_in(&self, identity: Identity) -> Result<(), SessionError> {
        self.succeed(Succession::SignIn(identity)).await
    }

    /// Gives this session a new id after its account was proved again; the old one is dead at once.
    /// All else stays: the handle, the values, and the moment at which it must end. `event` is
    /// written down with it.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if nobody is signed in, or it was ended meanwhile, and stays so; another
    /// if the store fails.
    pub async fn reauthenticated(&self, proof: Proof, event: Option<EventKind>) -> Result<(), SessionError> {
        self.signed_in()?;
        match self.succeed(Succession::Proof(proof, event)).await {
            // `tower_sessions` has but words for it.
            Err(_) if self.stored().is_none() => Err(SessionError::Ended),
            succeeded => succeeded,
        }
    }

    /// The live sessions of this session's account, this one among them.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if nobody is signed in; another if the store fails.
    pub async fn of_same_account(&self) -> Result<Vec<StoredSession>, SessionError> {
        let (_, account) = self.signed_in()?;
        self.bridge.engine().list(&account).await
    }

    /// Ends another session of the same account; `false` if there is none of this handle.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if nobody is signed in; another if the store fails.
    pub async fn end_one(&self, handle: Handle) -> Result<bool, SessionError> {
        let (_, account) = self.signed_in()?;
        let one = Selection::One(account, handle);
        Ok(!self.bridge.end(&one, EndReason::EndedElsewhere).await?.is_empty())
    }

    /// Ends all other sessions of the same account, and says how many those were.
    ///
    /// # Errors
    /// [`SessionError::Ended`] if nobody is signed in; another if the store fails.
    pub async fn end_others(&self, reason: EndReason) -> Result<usize, SessionError> {
        let (session, account) = self.signed_in()?;
        let others = Selection::Others(account, session.handle);
        Ok(self.bridge.end(&others, reason).await?.len())
    }

    /// Ends this session for good, and removes its cookie.
    ///
    /// # Errors
    /// If the store fails; the session still lives then, and its cookie stays.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        self.values.delete().await?;
        self.values.flush().await?;
        Ok(())
    }

    /// Keeps a value; the request's last one wins over those of requests beside it.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub async fn insert<T: Serialize>(&self, key: &Key<T>, value: &T) -> Result<(), SessionError> {
        self.bridge.refuse_if_sealed()?;
        self.values.insert(key.name(), value).await?;
        self.bridge.note(key.name());
        Ok(())
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
        self.bridge.refuse_if_sealed()?;
        self.bridge.note(key.name());
        Ok(self.values.remove(key.name()).await?)
    }

    /// Leaves the outcome of a form for the next page.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub async fn set_flash(&self, flash: &Flash) -> Result<(), SessionError> {
        self.insert(&FLASH, flash).await
    }

    /// Takes what the last form left; from now on it is gone. One that an older version of the
    /// program wrote and nobody can read is gone as well.
    pub async fn take_flash(&self) -> Option<Flash> {
        let waiting = self.stored().is_some_and(|session| session.values.contains_key(FLASH.name()));
        if waiting { self.remove(&FLASH).await.ok().flatten() } else { None }
    }

    /// Puts a session with a new id in the place of this one.
    async fn succeed(&self, succession: Succession) -> Result<(), SessionError> {
        self.bridge.prepare(succession);
        self.values.cycle_id().await?;
        let saved = self.values.save().await;
        if saved.is_err() {
            // What was in it must not begin a session of nobody when the request ends.
            self.values.clear().await;
        }
        Ok(saved?)
    }

    /// The session and its account, if it has one.
    fn signed_in(&self) -> Result<(StoredSession, AccountId), SessionError> {
        let session = self.stored().ok_or(SessionError::Ended)?;
        let account = session.account.clone().ok_or(SessionError::Ended)?;
        Ok((session, account))
    }

    /// Writes what the request changed and says in `headers` what becomes of the cookie.
    pub(super) async fn finish(&self, headers: &mut HeaderMap) -> Result<(), SessionError> {
        let changed = self.values.is_modified() || self.bridge.has_notes();
        let saved = if changed && !self.values.is_empty().await { self.values.save().await } else { Ok(()) };
        self.bridge.reconsider_cookie().await;
        if let Some(cookie) = self.bridge.seal() {
            headers.append(header::SET_COOKIE, cookie);
        }
        Ok(saved?)
    }
}
