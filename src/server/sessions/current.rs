//! The session of the request at hand, as application code sees it.

use std::sync::Arc;

use http::{HeaderMap, header};
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

use super::{Engine, Identity, SessionError, StoredSession, bridge::Bridge, cookie::Presented};
use crate::{
    model::Flash,
    server::{clock::Timestamp, error::chain, request::Client},
};

/// Where the outcome of a form waits for the page that shows it.
const FLASH: &str = "flash";

/// What became of the cookie that came with the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// None came, or its session is no more.
    Nobody,
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
    /// Opens the session that the cookie in `headers` names.
    pub(super) async fn open(engine: Arc<Engine>, headers: &HeaderMap, client: Client) -> Self {
        let presented = engine.cookies.read(headers);
        let (opened, live, renew) = match presented {
            None => (Opened::Nobody, None, false),
            Some(Presented { id, outdated }) => match engine.open(&id).await {
                Ok(None) => (Opened::Nobody, None, false),
                Ok(Some((session, touched))) => {
                    // The cookie lives as long as the session, which a touch has just prolonged.
                    let renew = outdated || (touched && session.remembered);
                    (Opened::Live, Some((id, session)), renew)
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

    /// The session as the store has it; `None` for visitors without one.
    pub fn stored(&self) -> Option<StoredSession> {
        self.bridge.live()
    }

    /// The moment the session's rules go by.
    pub fn now(&self) -> Timestamp {
        self.bridge.now()
    }

    /// The same session for libraries made for `tower-sessions`. Its `cycle_id` begins an anonymous
    /// session: only [`CurrentSession::sign_in`] can give one to an account.
    pub fn tower(&self) -> Session {
        self.values.clone()
    }

    /// Makes this the session of an account, under a new id; the old one is dead at once. Nothing
    /// that was in it comes along: it may have been planted (session fixation, ASVS 7.2.4).
    ///
    /// # Errors
    /// If the store fails; this request then goes on as before. A store that was only slow may still
    /// have ended the old session, but nobody has the id of the new one.
    pub async fn sign_in(&self, identity: Identity) -> Result<(), SessionError> {
        self.bridge.expect_arrival(identity);
        self.values.clear().await;
        self.values.cycle_id().await?;
        self.values.save().await?;
        Ok(())
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
    pub async fn insert(&self, key: &str, value: impl Serialize) -> Result<(), SessionError> {
        self.bridge.refuse_if_sealed()?;
        Ok(self.values.insert(key, value).await?)
    }

    /// # Errors
    /// If what is kept is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        Ok(self.values.get(key).await?)
    }

    /// Removes a value and returns it.
    ///
    /// # Errors
    /// If what was kept is not a `T`; it is removed all the same.
    pub async fn remove<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        self.bridge.refuse_if_sealed()?;
        Ok(self.values.remove(key).await?)
    }

    /// Leaves the outcome of a form for the next page.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub async fn set_flash(&self, flash: &Flash) -> Result<(), SessionError> {
        self.insert(FLASH, flash).await
    }

    /// Takes what the last form left; from now on it is gone. One that an older version of the
    /// program wrote and nobody can read is gone as well.
    pub async fn take_flash(&self) -> Option<Flash> {
        let waiting = self.stored().is_some_and(|session| session.values.contains_key(FLASH));
        if waiting { self.remove(FLASH).await.ok().flatten() } else { None }
    }

    /// Writes what the request changed and says in `headers` what becomes of the cookie.
    pub(super) async fn finish(&self, headers: &mut HeaderMap) -> Result<(), SessionError> {
        let saved = if self.values.is_modified() && !self.values.is_empty().await {
            self.values.save().await
        } else {
            Ok(())
        };
        self.bridge.reconsider_renewal().await;
        if let Some(cookie) = self.bridge.seal() {
            headers.append(header::SET_COOKIE, cookie);
        }
        Ok(saved?)
    }
}
