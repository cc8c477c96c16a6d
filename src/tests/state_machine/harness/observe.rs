//! Reads the state of the engine in the terms of the model.

use vestibule::server::{
    domain::{AccountId, SessionHandle},
    sessions::{Lookup, RequestSession, SessionStatus, StoredSession},
};

use super::Run;
use crate::state_machine::{
    operation::{Account, KEYS},
    session::{CookieStatus, SessionData},
};

impl Run<'_> {
    pub(super) async fn lookup(&mut self, id: usize) -> CookieStatus {
        match self.harness.fixture.engine.lookup(&self.ids[id].1).await.expect("no error") {
            Lookup::Unknown => CookieStatus::NoSession,
            Lookup::Ended(reason) | Lookup::Expired(reason) => CookieStatus::Ended(reason),
            Lookup::Live(live) => CookieStatus::Live(self.session_data(&live.session)),
        }
    }

    pub(super) fn initial_status(&mut self, session: &RequestSession) -> CookieStatus {
        match (session.status(), session.stored()) {
            (SessionStatus::Anonymous, None) => CookieStatus::NoSession,
            (SessionStatus::Ended(reason), None) => CookieStatus::Ended(reason),
            (SessionStatus::Live, Some(stored)) => CookieStatus::Live(self.session_data(&stored)),
            (opened, stored) => panic!("{opened:?} with {stored:?}"),
        }
    }

    fn session_data(&mut self, session: &StoredSession) -> SessionData {
        let accounts = [Account::Alice, Account::Bob];
        let account_of = |id: &AccountId| accounts.into_iter().find(|account| self.account(*account) == *id);
        let value = |name: &str| session.values.get(name)?.as_u64()?.try_into().ok();
        let values = KEYS.into_iter().filter_map(|name| Some((name, value(name)?))).collect();
        assert!(session.values.keys().all(|name| KEYS.contains(&name.as_str())), "{:?}", session.values);
        SessionData {
            account: session.account.as_ref().map(|id| account_of(id).expect("a known account")),
            handle: self.handle(&session.handle),
            remembered: session.remembered,
            values,
        }
    }

    pub(super) fn handle(&mut self, handle: &SessionHandle) -> usize {
        let known = self.handles.iter().position(|known| known == handle);
        known.unwrap_or_else(|| {
            self.handles.push(handle.clone());
            self.handles.len() - 1
        })
    }
}
