//! One request's session as a `tower_sessions` store.
//!
//! `tower_sessions::Session` loads a whole record and saves a whole record. In between other
//! requests may have written, so this store remembers what the request had loaded and passes on
//! only the keys that differ.

mod tower;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::HeaderValue;
use tower_sessions::session::Id;

use super::{
    Changes, Engine, Found, Handle, Identity, Lookup, Proof, Selection, SessionError, SessionId,
    StoredSession, Values, stored::apply,
};
use crate::{
    model::EndReason,
    server::{audit::EventKind, db::accounts::Account, request::Client},
};

#[derive(Debug)]
pub(super) struct Bridge {
    engine: Arc<Engine>,
    client: Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The session as the store has it.
    live: Option<(SessionId, Found)>,
    cookie: Cookie,
    /// Keys that the request has set or removed.
    noted: BTreeSet<&'static str>,
    /// The next session to be created has a purpose.
    succession: Option<Succession>,
    /// The head of the response is out: nothing can be written any more.
    sealed: bool,
}

/// What the response does about the cookie.
#[derive(Debug, Default)]
enum Cookie {
    #[default]
    Keep,
    /// Same id, longer life or newer signature.
    Renew,
    Set,
    Remove,
}

/// Why the session at hand gives way to one with a new id.
#[derive(Debug)]
pub(super) enum Succession {
    /// Somebody signs in.
    SignIn(Identity),
    /// Its account was proved again.
    Proof(Proof, Option<EventKind>),
}

impl Bridge {
    /// `renew` when the cookie must be set again although its id stays.
    pub(super) fn new(
        engine: Arc<Engine>,
        client: Client,
        live: Option<(SessionId, Found)>,
        renew: bool,
    ) -> Self {
        let cookie = if renew { Cookie::Renew } else { Cookie::Keep };
        Self { engine, client, state: Mutex::new(State { live, cookie, ..State::default() }) }
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn live(&self) -> Option<StoredSession> {
        self.state().live.as_ref().map(|(_, found)| found.session.clone())
    }

    /// The account, if the store brought it along.
    pub(super) fn account(&self) -> Option<Account> {
        self.state().live.as_ref().and_then(|(_, found)| found.account.clone())
    }

    pub(super) fn prepare(&self, succession: Succession) {
        self.state().succession = Some(succession);
    }

    /// Gives up setting a cookie if its session has ended while the request was under way: the
    /// browser may hold the cookie of the next one already, and must not get a dead one. If that
    /// cannot be told, it gets a new id all the same; it can do without a renewal.
    pub(super) async fn reconsider_cookie(&self) {
        let (new, id) = match &*self.state() {
            State { cookie: Cookie::Set, live: Some((id, _)), .. } => (true, id.hash()),
            State { cookie: Cookie::Renew, live: Some((id, _)), .. } => (false, id.hash()),
            _ => return,
        };
        match self.engine.look(&id).await {
            Ok(Lookup::Live(_)) => {}
            Err(_) if new => {}
            Ok(Lookup::Ended(_) | Lookup::Unknown) | Err(_) => self.state().cookie = Cookie::Keep,
        }
    }

    /// No more writes from here on; returns what to set.
    pub(super) fn seal(&self) -> Option<HeaderValue> {
        let mut state = self.state();
        state.sealed = true;
        match (&state.cookie, &state.live) {
            (Cookie::Renew | Cookie::Set, Some((id, found))) => {
                self.engine.cookies.set(id, self.engine.max_age(&found.session))
            }
            (Cookie::Remove, _) => self.engine.cookies.remove(),
            (Cookie::Renew | Cookie::Set | Cookie::Keep, _) => None,
        }
    }

    /// # Panics
    /// In debug builds, so that tests find a page that writes while it streams.
    pub(super) fn refuse_if_sealed(&self) -> Result<(), SessionError> {
        if !self.state().sealed {
            return Ok(());
        }
        debug_assert!(false, "{}", SessionError::TooLate);
        tracing::error!("{}", SessionError::TooLate);
        Err(SessionError::TooLate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves this state whole: nothing panics while it is being changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the request has set or removed this key, whether or not that changes the value that
    /// it had loaded: another request may have changed it since, and the last writer wins.
    pub(super) fn note(&self, name: &'static str) {
        self.state().noted.insert(name);
    }

    pub(super) fn has_notes(&self) -> bool {
        !self.state().noted.is_empty()
    }

    /// The keys that the request has set or removed, and those in which `after` differs from `before`.
    fn changes(&self, before: &Values, after: &Values) -> Changes {
        let set = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
        let differing = set.map(|(key, _)| key.as_str());
        let removed = before.keys().map(String::as_str).filter(|key| !after.contains_key(*key));
        let noted = self.state().noted.clone();
        let keys = differing.chain(removed).chain(noted.iter().copied());
        keys.map(|key| (key.to_owned(), after.get(key).cloned())).collect()
    }

    /// The session that `id` names, if it is the one of this request.
    fn current(&self, id: &Id) -> Option<StoredSession> {
        let state = self.state();
        let (_, found) = state.live.as_ref().filter(|(live, _)| live.to_tower() == *id)?;
        Some(found.session.clone())
    }

    /// The session at hand is this one from now on, and the browser gets its cookie.
    fn adopt(&self, id: SessionId, session: StoredSession) {
        let mut state = self.state();
        let account = state.live.take().and_then(|(_, found)| found.account);
        let account = account.filter(|account| session.account.as_ref() == Some(&account.id));
        state.live = Some((id, Found { session, account }));
        state.cookie = Cookie::Set;
    }

    /// Begins a session of `identity`, and ends the one at hand: in this order, so that a store that
    /// fails signs nobody out. If that was somebody else's, they have been signed out.
    async fn sign_in(&self, identity: Identity, values: Values) -> Result<Id, SessionError> {
        let old = self.live();
        let (id, session) = self.engine.begin(Some(identity), values, &self.client).await?;
        if let Some(old) = old {
            let same_account = old.account.is_none() || old.account == session.account;
            let reason = if same_account { EndReason::Replaced } else { EndReason::SignedOut };
            if let Err(error) = self.end(&itself(&old), reason).await {
                // Nobody will have the new one. If it cannot be ended either, it expires.
                self.end(&itself(&session), EndReason::Replaced).await?;
                return Err(error);
            }
        }
        let tower = id.to_tower();
        self.adopt(id, session);
        Ok(tower)
    }

    /// Moves the session at hand to a new id, and what this request changed with it.
    async fn rotate(
        &self,
        proof: Proof,
        event: Option<EventKind>,
        after: Values,
    ) -> Result<(Id, Values), SessionError> {
        let old = self.live().ok_or(SessionError::Ended)?;
        let changes = self.changes(&old.values, &after);
        let Some((id, session)) = self.engine.rotate(&old, proof, event, &self.client).await? else {
            self.state().live = None;
            return Err(SessionError::Ended);
        };
        let (tower, mut values) = (id.to_tower(), session.values.clone());
        // The old id is dead already: the browser must get the new one, whatever comes of the rest.
        self.adopt(id, session);
        apply(&changes, &mut values);
        if self.merge(&changes, &values).await? { Ok((tower, values)) } else { Err(SessionError::Ended) }
    }

    /// Writes changes that make `after` of the values of the session at hand; `false` if it has ended.
    async fn merge(&self, changes: &Changes, after: &Values) -> Result<bool, SessionError> {
        let Some(session) = self.live() else { return Ok(false) };
        if changes.is_empty() {
            return Ok(true);
        }
        let kept = self.engine.merge(&session.id_hash, changes).await?;
        let mut state = self.state();
        state.noted.clear();
        if !kept {
            state.live = None;
        } else if let Some((_, found)) = &mut state.live {
            found.session.values.clone_from(after);
        }
        Ok(kept)
    }

    /// Ends sessions, as whoever makes this request.
    pub(super) async fn end(
        &self,
        which: &Selection,
        reason: EndReason,
    ) -> Result<Vec<Handle>, SessionError> {
        self.engine.end(which, reason, &self.client).await
    }
}

/// A session under whichever id it has by now: a request beside this one may have moved it.
fn itself(session: &StoredSession) -> Selection {
    match &session.account {
        Some(account) => Selection::One(account.clone(), session.handle.clone()),
        None => Selection::This(session.id_hash.clone()),
    }
}
