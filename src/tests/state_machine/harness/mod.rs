//! The real engine, behind a router and with three browsers.

mod observe;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use axum::{Extension, Router, body::Body, extract::Request, response::Response, routing::post};
use http::{HeaderMap, header};
use proptest::{prop_assert_eq, test_runner::TestCaseError};
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tower::ServiceExt;
use vestibule::{
    model::EndReason,
    server::{
        domain::{self, AccountId, Client, SessionHandle},
        sessions::{IdHash, Identity, Key, RequestSession, Selection, SessionError},
    },
};

use super::{
    effects::{Cookie, Effects, Outcome, RequestResult},
    model::Model,
    operation::{Account, Action, BROWSERS, Operation},
    session::CookieStatus,
};
use crate::support::{AUTHENTICATION, Fixture, StoreUnderTest, set_cookie};

/// Longer than any session or tombstone is kept.
const BEYOND_RETENTION: Duration = Duration::from_hours(24 * 365);

/// One engine and one store for all runs. Each run has its own accounts and starts with an empty store.
pub struct Harness {
    runtime: Runtime,
    fixture: Fixture,
    router: Router,
    runs: Cell<usize>,
}

/// One sequence of operations.
pub struct Run<'a> {
    harness: &'a Harness,
    number: usize,
    /// In the order in which they appeared.
    ids: Vec<(String, IdHash)>,
    handles: Vec<SessionHandle>,
    /// The id in each browser's cookie.
    cookies: [Option<usize>; BROWSERS],
    pending: Vec<PendingRequest>,
}

/// A request whose handler waits while the test uses its session.
struct PendingRequest {
    browser: usize,
    session: RequestSession,
    release: Arc<Notify>,
    response: JoinHandle<Response>,
}

impl Harness {
    pub fn new<S: StoreUnderTest>() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let fixture = Fixture::with_store(Arc::new(runtime.block_on(S::empty())));
        type HandlerEnds = (mpsc::UnboundedSender<RequestSession>, Arc<Notify>);
        let wait = async |Extension(session): Extension<RequestSession>,
                          Extension((opened, release)): Extension<HandlerEnds>| {
            opened.send(session).expect("the test listens");
            release.notified().await;
        };
        let router = fixture.wrap(Router::new().route("/", post(wait)));
        Self { runtime, fixture, router, runs: Cell::default() }
    }

    pub fn run(&self) -> Run<'_> {
        self.fixture.clock.advance(BEYOND_RETENTION);
        while self.runtime.block_on(self.fixture.engine.purge_batch()).expect("purged") {}
        self.runs.set(self.runs.get() + 1);
        let (ids, handles, pending) = (Vec::new(), Vec::new(), Vec::new());
        Run { harness: self, number: self.runs.get(), ids, handles, cookies: Default::default(), pending }
    }
}

impl Run<'_> {
    /// Applies the operation that was applied to the model, and compares the effects and all browsers.
    pub fn compare(&mut self, operation: &Operation, model: &Model) -> Result<(), TestCaseError> {
        self.harness.runtime.block_on(async {
            let effects = self.apply_operation(operation, model.effects.target).await;
            prop_assert_eq!(effects, model.effects.clone(), "after {:?}", operation);
            let mut statuses = BTreeMap::new();
            for id in BTreeSet::from_iter(self.cookies.into_iter().flatten()) {
                statuses.insert(id, self.lookup(id).await);
            }
            for browser in 0..BROWSERS {
                let status =
                    self.cookies[browser].map_or(CookieStatus::NoSession, |id| statuses[&id].clone());
                prop_assert_eq!(
                    status,
                    model.status(browser),
                    "of browser {} after {:?}",
                    browser,
                    operation
                );
            }
            Ok(())
        })
    }

    /// Compares every id that was ever issued, and the list of each account.
    pub fn compare_all_sessions(mut self, model: &Model) -> Result<(), TestCaseError> {
        self.harness.runtime.block_on(async {
            for (id, status) in model.all_statuses().into_iter().enumerate() {
                prop_assert_eq!(self.lookup(id).await, status, "of id {}", id);
            }
            for account in [Account::Alice, Account::Bob] {
                let listed =
                    self.harness.fixture.engine.list(&self.account_row(account)).await.expect("listed");
                let mut listed: Vec<_> = listed.iter().map(|session| self.handle(&session.handle)).collect();
                listed.sort_unstable();
                let mut expected = model.list(account);
                expected.sort_unstable();
                prop_assert_eq!(listed, expected, "the sessions of {:?}", account);
            }
            Ok(())
        })
    }

    async fn apply_operation(&mut self, operation: &Operation, target: Option<usize>) -> Effects {
        let mut effects = Effects { target, ..Effects::default() };
        match *operation {
            Operation::Request(browser, ref action) => {
                let request = self.open(browser).await;
                effects.opened = Some(self.initial_status(&request.session));
                effects.result = Some(self.finish(request, action, target).await);
            }
            Operation::Start(browser) => {
                let request = self.open(browser).await;
                effects.opened = Some(self.initial_status(&request.session));
                self.pending.push(request);
            }
            Operation::Finish(which, ref action) => {
                let request = self.pending.remove(which);
                effects.result = Some(self.finish(request, action, target).await);
            }
            Operation::EndAll(account) => effects.ended = self.end_all(account).await,
            Operation::Wait(pause) => self.harness.fixture.clock.advance(pause),
            Operation::Purge => while self.harness.fixture.engine.purge_batch().await.expect("purged") {},
            Operation::Steal(attacker, victim) => self.cookies[attacker] = self.cookies[victim],
        }
        effects
    }

    async fn open(&self, browser: usize) -> PendingRequest {
        let (sender, mut sessions) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        let mut request = Request::post("/").extension((sender, release.clone()));
        if let Some(id) = self.cookies[browser] {
            request = request.header(header::COOKIE, &self.ids[id].0);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.harness.router.clone().oneshot(request);
        let response = tokio::spawn(async { response.await.expect("a response") });
        let session = sessions.recv().await.expect("the handler has it");
        PendingRequest { browser, session, release, response }
    }

    async fn finish(
        &mut self,
        request: PendingRequest,
        action: &Action,
        target: Option<usize>,
    ) -> RequestResult {
        let outcome = match self.act(&request.session, action, target).await {
            Ok(outcome) => outcome,
            Err(SessionError::Ended) => Outcome::Refused,
            Err(error) => panic!("{action:?}: {error}"),
        };
        request.release.notify_one();
        let response = request.response.await.expect("no panic");
        assert!(response.status().is_success(), "{response:?}");
        let cookie = self.take_cookie(request.browser, &response);
        RequestResult { outcome, cookie }
    }

    async fn act(
        &self,
        session: &RequestSession,
        action: &Action,
        target: Option<usize>,
    ) -> Result<Outcome, SessionError> {
        match *action {
            Action::Read => {}
            Action::Write(key, value) => session.insert(&key_named(key), &value).await?,
            Action::Remove(key) => drop(session.remove(&key_named(key)).await?),
            Action::SignIn(account, remembered) => {
                session
                    .sign_in(Identity {
                        account: self.account(account),
                        authentication: AUTHENTICATION,
                        remembered,
                    })
                    .await?;
            }
            Action::SignOut => session.sign_out().await?,
            Action::StepUp => session.reauthenticate(AUTHENTICATION, None).await?,
            Action::EndSession(_) => {
                let unknown = || SessionHandle::new("unknown".to_owned());
                let target = target.map_or_else(unknown, |target| self.handles[target].clone());
                return session.end_session(target).await.map(usize::from).map(Outcome::Ended);
            }
            Action::EndOtherSessions => {
                return session.end_other_sessions(EndReason::EndedElsewhere).await.map(Outcome::Ended);
            }
        }
        Ok(Outcome::Done)
    }

    async fn end_all(&self, account: Account) -> usize {
        let all = Selection::All(self.account(account));
        let (reason, client) = (EndReason::EndedByAdministrator, Client::command_line());
        let ended = self.harness.fixture.engine.revoke(all, reason, &client).await;
        ended.expect("ended")
    }

    /// Stores the cookie in the browser. A value that was not set before is a new id.
    fn take_cookie(&mut self, browser: usize, response: &Response) -> Cookie {
        let Some(cookie) = set_cookie(response) else { return Cookie::Unchanged };
        if cookie == "id=" {
            self.cookies[browser] = None;
            return Cookie::Removed;
        }
        let known = self.ids.iter().position(|(known, _)| *known == cookie);
        let id = known.unwrap_or(self.ids.len());
        if known.is_none() {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().expect("a header"))]);
            let hash = self.harness.fixture.cookie.id_from_cookie(&headers).expect("a cookie of ours");
            self.ids.push((cookie, hash));
        }
        self.cookies[browser] = Some(id);
        Cookie::Set(id)
    }

    fn account_row(&self, account: Account) -> domain::Account {
        let (name, email) = (format!("{account:?}"), String::new());
        domain::Account { id: self.account(account), name, email, admin: false, credential_version: 0 }
    }

    fn account(&self, account: Account) -> AccountId {
        AccountId::new(format!("{account:?} {}", self.number))
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        for request in &self.pending {
            request.response.abort();
        }
    }
}

fn key_named(key: &'static str) -> Key<u8> {
    if key.starts_with("keep:") { Key::surviving_sign_in(key) } else { Key::new(key) }
}
