//! The state of the session of one request: the live session, unwritten changes, and the cookie.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Authentication, Changes, CookieChange, Engine, Identity, LiveSession, Lookup, Selection, SessionError,
    SessionId, SessionStatus, StoredSession, Values, VerifiedCookie, apply, engine::Touch, key,
};
use crate::{
    model::{EndReason, SecurityEventKind},
    server::domain::{Account, Client, error_chain},
};

/// Shared by the session of a request and its tower adapter.
#[derive(Debug)]
pub(super) struct RequestState {
    pub engine: Arc<Engine>,
    pub client: Client,
    pub status: SessionStatus,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    live: Option<Live>,
    cookie: CookieIntent,
    /// Keys that the request has set or removed. The last writer of a key wins, even with the value that
    /// it has read, since another request may have changed it in between.
    dirty: BTreeSet<&'static str>,
    /// The session has ended without this request's doing: there is nothing to write to, and the browser
    /// may hold another cookie already.
    lost: bool,
    /// A library has ended a signed-in session whose values it may still hold.
    only_surviving_keys: bool,
    /// The head of the response is on its way.
    closed: bool,
}

/// A live session with the id that the cookie carries.
#[derive(Clone, Debug)]
struct Live {
    id: SessionId,
    session: Arc<StoredSession>,
    account: Option<Arc<Account>>,
}

/// What the request intends to do about the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CookieIntent {
    #[default]
    Keep,
    /// Set again with the same id: it lasts longer, or gets the signature of a newer key.
    Renew,
    Set,
    Remove,
}

impl RequestState {
    /// Looks up the session of a cookie. With `touch`, the request counts as activity.
    pub(super) async fn open(
        engine: Arc<Engine>,
        cookie: Option<VerifiedCookie>,
        client: Client,
        touch: bool,
    ) -> Self {
        let (status, inner) = match cookie {
            None => (SessionStatus::Anonymous, Inner::default()),
            Some(cookie) => open_session(&engine, cookie, touch).await.unwrap_or_else(|error| {
                tracing::warn!(cause = %error_chain(&error), "a session could not be opened");
                (SessionStatus::Unavailable, Inner::default())
            }),
        };
        Self { engine, client, status, inner: Mutex::new(inner) }
    }

    pub(super) fn session(&self) -> Option<Arc<StoredSession>> {
        self.inner().live.as_ref().map(|live| Arc::clone(&live.session))
    }

    pub(super) fn account(&self) -> Option<Arc<Account>> {
        self.inner().live.as_ref().and_then(|live| live.account.clone())
    }

    /// The values that tower's session starts with.
    pub(super) fn values(&self) -> Values {
        self.session().map(|session| session.values.clone()).unwrap_or_default()
    }

    pub(super) fn mark_dirty(&self, key: &'static str) {
        self.inner().dirty.insert(key);
    }

    pub(super) fn is_dirty(&self) -> bool {
        !self.inner().dirty.is_empty()
    }

    /// A new session must not take the place of one that could not be read.
    fn refuse_if_unknown(&self) -> Result<(), SessionError> {
        if self.status == SessionStatus::Unavailable { Err(SessionError::Unknown) } else { Ok(()) }
    }

    /// # Panics
    /// In debug builds, so that tests find code that writes too late.
    pub(super) fn refuse_if_closed(&self) -> Result<(), SessionError> {
        if !self.inner().closed {
            return Ok(());
        }
        debug_assert!(false, "{}", SessionError::Closed);
        tracing::error!("{}", SessionError::Closed);
        Err(SessionError::Closed)
    }

    /// Begins the session of an account, then ends the one before: if the store fails, no one has been
    /// signed out. A session of another account counts as signed out.
    pub(super) async fn sign_in(&self, identity: Identity, values: Values) -> Result<(), SessionError> {
        self.refuse_if_unknown()?;
        let old = self.session();
        let (id, session) = self.engine.begin(Some(identity), values, &self.client).await?;
        if let Some(old) = old {
            let same_account = old.account.is_none() || old.account == session.account;
            let reason = if same_account { EndReason::Replaced } else { EndReason::SignedOut };
            if let Err(error) = self.end(&old, reason).await {
                // The browser does not get the new cookie. If this fails too, the session expires.
                self.end(&session, EndReason::Replaced).await?;
                return Err(error);
            }
        }
        if let Err(error) = self.engine.end_excess(&session, &self.client).await {
            // The next sign-in tries again.
            tracing::warn!(cause = %error_chain(&error), "an account may have more sessions than it should");
        }
        self.adopt(id, session);
        self.inner().dirty.clear();
        Ok(())
    }

    /// Touches the session, if that is still due.
    pub(super) async fn extend(&self) -> Result<(), SessionError> {
        let session = self.session().ok_or(SessionError::Ended)?;
        match self.engine.touch(&session).await? {
            Touch::NotDue => {}
            Touch::Extended(session) => {
                let mut inner = self.inner();
                if inner.cookie == CookieIntent::Keep && session.remembered {
                    inner.cookie = CookieIntent::Renew;
                }
                if let Some(live) = &mut inner.live {
                    live.session = session;
                }
            }
            Touch::Ended => {
                self.lose();
                return Err(SessionError::Ended);
            }
        }
        Ok(())
    }

    /// Gives the session a new id. Returns its values with the unwritten changes of this request.
    pub(super) async fn rotate(
        &self,
        authentication: Authentication,
        event: Option<SecurityEventKind>,
        values: &Values,
    ) -> Result<Values, SessionError> {
        let old = self.session().ok_or(SessionError::Ended)?;
        let changes = self.changes(&old.values, values);
        let Some((id, session)) = self.engine.rotate(&old, authentication, event, &self.client).await? else {
            self.lose();
            return Err(SessionError::Ended);
        };
        let mut values = session.values.clone();
        apply(&changes, &mut values);
        self.adopt(id, session);
        Ok(values)
    }

    /// Ends the session of the request, and removes its cookie. If it had ended already, the browser may
    /// hold the cookie of the next session, so the cookie stays.
    pub(super) async fn sign_out(&self) -> Result<(), SessionError> {
        self.refuse_if_unknown()?;
        let Some(session) = self.session() else { return Ok(()) };
        let ended = self.end(&session, EndReason::SignedOut).await?;
        let mut inner = self.inner();
        inner.live = None;
        inner.dirty.clear();
        (inner.cookie, inner.lost) =
            if ended { (CookieIntent::Remove, false) } else { (CookieIntent::Keep, true) };
        Ok(())
    }

    /// The same, by a library that may go on with the values of the session.
    pub(super) async fn delete(&self) -> Result<(), SessionError> {
        let was_signed_in = self.session().is_some_and(|session| session.account.is_some());
        self.sign_out().await?;
        self.inner().only_surviving_keys |= was_signed_in;
        Ok(())
    }

    /// Writes what has changed; begins an anonymous session if there is none.
    pub(super) async fn write(&self, mut values: Values) -> Result<(), SessionError> {
        if let Some(session) = self.session() {
            let changes = self.changes(&session.values, &values);
            if !changes.is_empty() && !self.engine.merge(&session.id_hash, &changes).await? {
                self.lose();
            }
            return Ok(());
        }
        if self.inner().only_surviving_keys {
            values.retain(|name, _| key::survives(name));
        }
        if values.is_empty() || self.inner().lost {
            return Ok(());
        }
        self.refuse_if_unknown()?;
        let (id, session) = self.engine.begin(None, values, &self.client).await?;
        self.adopt(id, session);
        Ok(())
    }

    /// Does not renew the cookie of a session that has ended meanwhile: the browser may hold the cookie
    /// of the next one by now. It can do without a renewal also if the store does not answer.
    pub(super) async fn drop_cookie_if_ended(&self) {
        let renewed = self.session().filter(|_| self.inner().cookie == CookieIntent::Renew);
        let Some(session) = renewed else { return };
        if !matches!(self.engine.lookup(&session.id_hash).await, Ok(Lookup::Live(_))) {
            self.inner().cookie = CookieIntent::Keep;
        }
    }

    /// Refuses writes from now on. Returns what to do about the cookie.
    pub(super) fn close(&self) -> CookieChange {
        let mut inner = self.inner();
        inner.closed = true;
        match (inner.cookie, &inner.live) {
            (CookieIntent::Renew | CookieIntent::Set, Some(Live { id, session, .. })) => {
                CookieChange::Set { id: id.clone(), max_age: self.engine.max_age(session) }
            }
            (CookieIntent::Remove, _) => CookieChange::Remove,
            (CookieIntent::Renew | CookieIntent::Set | CookieIntent::Keep, _) => CookieChange::Keep,
        }
    }

    /// The keys that the request has marked, and those that differ.
    fn changes(&self, before: &Values, after: &Values) -> Changes {
        let set = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
        let set = set.map(|(key, _)| key.as_str());
        let removed = before.keys().map(String::as_str).filter(|key| !after.contains_key(*key));
        let dirty = self.inner().dirty.clone();
        let keys = set.chain(removed).chain(dirty.iter().copied());
        keys.map(|key| (key.to_owned(), after.get(key).cloned())).collect()
    }

    /// The request has this session from now on, and the browser gets its cookie.
    fn adopt(&self, id: SessionId, session: StoredSession) {
        let mut inner = self.inner();
        let account = inner.live.take().and_then(|live| live.account);
        let account = account.filter(|account| session.account.as_ref() == Some(&account.id));
        inner.live = Some(Live { id, session: Arc::new(session), account });
        inner.cookie = CookieIntent::Set;
    }

    fn lose(&self) {
        let mut inner = self.inner();
        inner.live = None;
        inner.lost = true;
    }

    /// Ends a session; `false` if it had ended already.
    async fn end(&self, session: &StoredSession, reason: EndReason) -> Result<bool, SessionError> {
        let mut ended = self.engine.revoke(target_of(session), reason, &self.client).await?;
        if ended == 0 {
            // A store may have lost the index by which it finds the sessions of an account.
            let by_id = Selection::ById(session.id_hash.clone());
            ended = self.engine.revoke(by_id, reason, &self.client).await?;
        }
        Ok(ended > 0)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while the state is being changed, so a poisoned lock means no harm.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open_session(
    engine: &Engine,
    VerifiedCookie { id, old_key }: VerifiedCookie,
    touch: bool,
) -> Result<(SessionStatus, Inner), SessionError> {
    let id_hash = id.hash();
    let LiveSession { mut session, account } = match engine.lookup(&id_hash).await? {
        Lookup::Live(live) => live,
        ended => return Ok(without_session(&ended)),
    };
    let mut extended = false;
    if touch {
        match engine.touch(&session).await {
            Ok(Touch::NotDue) => {}
            Ok(Touch::Extended(touched)) => (session, extended) = (touched, true),
            Ok(Touch::Ended) => return Ok(without_session(&engine.lookup(&id_hash).await?)),
            // It was read, so it is served; it merely expires earlier.
            Err(error) => tracing::warn!(cause = %error_chain(&error), "a session could not be touched"),
        }
    }
    // The cookie lasts as long as the session.
    let renew = old_key || extended && session.remembered;
    let cookie = if renew { CookieIntent::Renew } else { CookieIntent::Keep };
    Ok((SessionStatus::Live, Inner { live: Some(Live { id, session, account }), cookie, ..Inner::default() }))
}

fn without_session(lookup: &Lookup) -> (SessionStatus, Inner) {
    match lookup {
        // The browser has the cookie of the next session by now: this request must not set another.
        Lookup::Ended(EndReason::Replaced) => {
            (SessionStatus::Ended(EndReason::Replaced), Inner { lost: true, ..Inner::default() })
        }
        Lookup::Ended(reason) | Lookup::Expired(reason) => (SessionStatus::Ended(*reason), Inner::default()),
        Lookup::Live(_) | Lookup::Unknown => (SessionStatus::Anonymous, Inner::default()),
    }
}

/// Selects a session under whichever id it has by now: another request may have rotated it.
fn target_of(session: &StoredSession) -> Selection {
    match &session.account {
        Some(account) => Selection::ByHandle(account.clone(), session.handle.clone()),
        None => Selection::ById(session.id_hash.clone()),
    }
}
