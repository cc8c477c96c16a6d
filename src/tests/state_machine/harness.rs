//! The engine itself, driven through a router as browsers drive it.

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
        sessions::{
            IdHash, Identity, Key, Lookup, RequestSession, Selection, SessionError, Status, StoredSession,
        },
    },
};

use super::{
    lives::{Person, Told},
    model::{TestResponse, Cookie, Model, Outcome, Reaction},
    operation::{Account, Action, BROWSERS, KEYS, Operation},
};
use crate::support::{AUTHENTICATION, Fixture, StoreUnderTest, set_cookie};

/// Longer than anything is kept.
const AGES: Duration = Duration::from_hours(24 * 365);

/// One engine and one store for all runs; each has accounts of its own, and finds the store empty.
pub struct World {
    runtime: Runtime,
    fixture: Fixture,
    router: Router,
    runs: Cell<usize>,
}

/// One story.
pub struct Run<'a> {
    world: &'a World,
    number: usize,
    /// In the order in which they appeared.
    ids: Vec<(String, IdHash)>,
    handles: Vec<SessionHandle>,
    /// The id in each browser's cookie.
    jars: [Option<usize>; BROWSERS],
    hanging: Vec<Hanging>,
}

/// A request whose handler waits. Meanwhile the test does with its session what it would do.
struct Hanging {
    browser: usize,
    session: RequestSession,
    release: Arc<Notify>,
    response: JoinHandle<Response>,
}

impl World {
    pub fn of<S: StoreUnderTest>() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let fixture = Fixture::on(Arc::new(runtime.block_on(S::empty())));
        type Ends = (mpsc::UnboundedSender<RequestSession>, Arc<Notify>);
        let wait = async |Extension(session): Extension<RequestSession>,
                          Extension((opened, release)): Extension<Ends>| {
            opened.send(session).expect("the test listens");
            release.notified().await;
        };
        let router = fixture.wrap(Router::new().route("/", post(wait)));
        Self { runtime, fixture, router, runs: Cell::default() }
    }

    pub fn run(&self) -> Run<'_> {
        self.fixture.clock.advance(AGES);
        self.runtime.block_on(self.fixture.engine.purge()).expect("purged");
        self.runs.set(self.runs.get() + 1);
        let (ids, handles, hanging) = (Vec::new(), Vec::new(), Vec::new());
        Run { world: self, number: self.runs.get(), ids, handles, jars: Default::default(), hanging }
    }
}

impl Run<'_> {
    /// Lets happen what has just happened to the model, and compares everything that can be seen.
    pub fn compare(&mut self, operation: &Operation, model: &Model) -> Result<(), TestCaseError> {
        self.world.runtime.block_on(async {
            let reaction = self.happen(operation, model.reaction.target).await;
            prop_assert_eq!(reaction, model.reaction.clone(), "after {:?}", operation);
            let mut told = BTreeMap::new();
            for id in BTreeSet::from_iter(self.jars.into_iter().flatten()) {
                told.insert(id, self.look(id).await);
            }
            for browser in 0..BROWSERS {
                let told = self.jars[browser].map_or(Told::Nobody, |id| told[&id].clone());
                prop_assert_eq!(told, model.told(browser), "of browser {} after {:?}", browser, operation);
            }
            Ok(())
        })
    }

    /// Compares every id that was ever issued, and the list of each account.
    pub fn compare_everything(mut self, model: &Model) -> Result<(), TestCaseError> {
        self.world.runtime.block_on(async {
            for (id, told) in model.everything_told().into_iter().enumerate() {
                prop_assert_eq!(self.look(id).await, told, "of id {}", id);
            }
            for account in [Account::Alice, Account::Bob] {
                let listed =
                    self.world.fixture.engine.list(&self.account_row(account)).await.expect("listed");
                let mut listed: Vec<_> = listed.iter().map(|session| self.handle(&session.handle)).collect();
                listed.sort_unstable();
                let mut expected = model.listed(account);
                expected.sort_unstable();
                prop_assert_eq!(listed, expected, "the sessions of {:?}", account);
            }
            Ok(())
        })
    }

    async fn happen(&mut self, operation: &Operation, target: Option<usize>) -> Reaction {
        let mut reaction = Reaction { target, ..Reaction::default() };
        match *operation {
            Operation::Request(browser, ref action) => {
                let request = self.open(browser).await;
                reaction.opened = Some(self.opened(&request.session));
                reaction.answer = Some(self.finish(request, action, target).await);
            }
            Operation::Begin(browser) => {
                let request = self.open(browser).await;
                reaction.opened = Some(self.opened(&request.session));
                self.hanging.push(request);
            }
            Operation::Finish(which, ref action) => {
                let request = self.hanging.remove(which);
                reaction.answer = Some(self.finish(request, action, target).await);
            }
            Operation::EndAll(account) => reaction.ended = self.end_all(account).await,
            Operation::Wait(pause) => self.world.fixture.clock.advance(pause),
            Operation::Purge => self.world.fixture.engine.purge().await.expect("purged"),
            Operation::Steal(thief, victim) => self.jars[thief] = self.jars[victim],
        }
        reaction
    }

    async fn open(&self, browser: usize) -> Hanging {
        let (sender, mut sessions) = mpsc::unbounded_channel();
        let release = Arc::new(Notify::new());
        let mut request = Request::post("/").extension((sender, release.clone()));
        if let Some(id) = self.jars[browser] {
            request = request.header(header::COOKIE, &self.ids[id].0);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.world.router.clone().oneshot(request);
        let response = tokio::spawn(async { answer.await.expect("a response") });
        let session = sessions.recv().await.expect("the handler has it");
        Hanging { browser, session, release, response }
    }

    async fn finish(&mut self, request: Hanging, action: &Action, target: Option<usize>) -> TestResponse {
        let outcome = match self.act(&request.session, action, target).await {
            Ok(outcome) => outcome,
            Err(SessionError::Ended) => Outcome::Refused,
            Err(error) => panic!("{action:?}: {error}"),
        };
        request.release.notify_one();
        let response = request.response.await.expect("no panic");
        assert!(response.status().is_success(), "{response:?}");
        let cookie = self.take_cookie(request.browser, &response);
        TestResponse { outcome, cookie }
    }

    async fn act(
        &self,
        session: &RequestSession,
        action: &Action,
        target: Option<usize>,
    ) -> Result<Outcome, SessionError> {
        match *action {
            Action::Look => {}
            Action::Write(key, value) => session.insert(&typed(key), &value).await?,
            Action::Remove(key) => drop(session.remove(&typed(key)).await?),
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
            Action::EndOne(_) => {
                let nobodys = || SessionHandle::new("of nobody".to_owned());
                let target = target.map_or_else(nobodys, |target| self.handles[target].clone());
                return session.end_session(target).await.map(usize::from).map(Outcome::Ended);
            }
            Action::EndOthers => {
                return session.end_other_sessions(EndReason::EndedElsewhere).await.map(Outcome::Ended);
            }
        }
        Ok(Outcome::Done)
    }

    async fn end_all(&self, account: Account) -> usize {
        let all = Selection::All(self.account(account));
        let (reason, client) = (EndReason::EndedByAdministrator, Client::command_line());
        let ended = self.world.fixture.engine.revoke(all, reason, &client).await;
        ended.expect("ended").len()
    }

    /// What the browser does with the answer. A cookie that nobody had before is a new id.
    fn take_cookie(&mut self, browser: usize, response: &Response) -> Cookie {
        let Some(cookie) = set_cookie(response) else { return Cookie::Untouched };
        if cookie == "id=" {
            self.jars[browser] = None;
            return Cookie::Removed;
        }
        let known = self.ids.iter().position(|(known, _)| *known == cookie);
        let id = known.unwrap_or(self.ids.len());
        if known.is_none() {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().expect("a header"))]);
            let hash = self.world.fixture.cookie.id_from_cookie(&headers).expect("a cookie of ours");
            self.ids.push((cookie, hash));
        }
        self.jars[browser] = Some(id);
        Cookie::Set(id)
    }

    async fn look(&mut self, id: usize) -> Told {
        match self.world.fixture.engine.lookup(&self.ids[id].1).await.expect("a response") {
            Lookup::Unknown => Told::Nobody,
            Lookup::Ended(reason) | Lookup::Expired(reason) => Told::Ended(reason),
            Lookup::Live(live) => Told::Live(self.person(&live.session)),
        }
    }

    fn opened(&mut self, session: &RequestSession) -> Told {
        match (session.status(), session.stored()) {
            (Status::Anonymous, None) => Told::Nobody,
            (Status::Ended(reason), None) => Told::Ended(reason),
            (Status::Live, Some(stored)) => Told::Live(self.person(&stored)),
            (opened, stored) => panic!("{opened:?} with {stored:?}"),
        }
    }

    fn person(&mut self, session: &StoredSession) -> Person {
        let accounts = [Account::Alice, Account::Bob];
        let whose = |id: &AccountId| accounts.into_iter().find(|account| self.account(*account) == *id);
        let value = |name: &str| session.values.get(name)?.as_u64()?.try_into().ok();
        let kept = KEYS.into_iter().filter_map(|name| Some((name, value(name)?))).collect();
        assert!(session.values.keys().all(|name| KEYS.contains(&name.as_str())), "{:?}", session.values);
        Person {
            account: session.account.as_ref().map(|id| whose(id).expect("one of the two")),
            handle: self.handle(&session.handle),
            remembered: session.remembered,
            kept,
        }
    }

    fn handle(&mut self, handle: &SessionHandle) -> usize {
        let known = self.handles.iter().position(|known| known == handle);
        known.unwrap_or_else(|| {
            self.handles.push(handle.clone());
            self.handles.len() - 1
        })
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
        for request in &self.hanging {
            request.response.abort();
        }
    }
}

fn typed(key: &'static str) -> Key<u8> {
    if key.starts_with("keep:") { Key::surviving_sign_in(key) } else { Key::new(key) }
}
