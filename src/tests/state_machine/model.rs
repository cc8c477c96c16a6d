//! The reference model of the engine.

use std::time::Duration;

use proptest::{
    prelude::{Just, Strategy},
    strategy::BoxedStrategy,
};
use proptest_state_machine::ReferenceStateMachine;
use vestibule::model::EndReason;

use super::{
    effects::{Cookie, Effects, Outcome, RequestResult},
    operation::{Account, Action, BROWSERS, Operation, any_operation},
    session::{CookieStatus, ModelSession, SessionData, Values},
};

/// The expected state. Ids are numbered in the order in which they were issued.
#[derive(Clone, Debug, Default)]
pub struct Model {
    now: Duration,
    /// By id.
    sessions: Vec<ModelSession>,
    handles: usize,
    /// The id in each browser's cookie.
    cookies: [Option<usize>; BROWSERS],
    pending: Vec<Request>,
    pub effects: Effects,
}

/// A request, with the session that it had when it started.
#[derive(Clone, Debug)]
struct Request {
    browser: usize,
    session: Option<(usize, SessionData)>,
    /// Its session was extended, so its cookie is set again.
    renew: bool,
    /// Its cookie had been replaced: the browser may have the next one already.
    replaced: bool,
}

impl ReferenceStateMachine for Model {
    type State = Model;
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Operation> {
        any_operation(model.pending.len())
    }

    fn preconditions(model: &Model, operation: &Operation) -> bool {
        !matches!(operation, Operation::Finish(which, _) if *which >= model.pending.len())
    }

    fn apply(mut model: Model, operation: &Operation) -> Model {
        model.effects = Effects::default();
        model.apply_operation(operation);
        model
    }
}

impl Model {
    /// The status of the cookie of this browser.
    pub fn status(&self, browser: usize) -> CookieStatus {
        self.cookies[browser].map_or(CookieStatus::NoSession, |id| self.sessions[id].status(self.now))
    }

    /// The status of every id that was issued.
    pub fn all_statuses(&self) -> Vec<CookieStatus> {
        self.sessions.iter().map(|session| session.status(self.now)).collect()
    }

    /// The handles of the live sessions of an account.
    pub fn list(&self, account: Account) -> Vec<usize> {
        self.live_ids(account).map(|id| self.sessions[id].data.handle).collect()
    }

    fn apply_operation(&mut self, operation: &Operation) {
        match *operation {
            Operation::Request(browser, ref action) => {
                let request = self.open(browser);
                self.finish(&request, action);
            }
            Operation::Start(browser) => {
                let request = self.open(browser);
                self.pending.push(request);
            }
            Operation::Finish(which, ref action) => {
                let request = self.pending.remove(which);
                self.finish(&request, action);
            }
            Operation::EndAll(account) => {
                let all: Vec<_> = self.live_ids(account).collect();
                self.effects.ended = self.end(&all, EndReason::EndedByAdministrator);
            }
            Operation::Wait(pause) => self.now += pause,
            Operation::Purge => self.sessions.iter_mut().for_each(|session| session.purge(self.now)),
            Operation::Steal(attacker, victim) => self.cookies[attacker] = self.cookies[victim],
        }
    }

    fn open(&mut self, browser: usize) -> Request {
        let now = self.now;
        let live = self.cookies[browser].filter(|id| self.sessions[*id].is_live(now));
        let touched = live.is_some_and(|id| self.sessions[id].touch(now));
        self.effects.opened = Some(self.status(browser));
        let session = live.map(|id| (id, self.sessions[id].data.clone()));
        let renew = touched && session.as_ref().is_some_and(|(_, data)| data.remembered);
        let replaced = self.status(browser) == CookieStatus::Ended(EndReason::Replaced);
        Request { browser, session, renew, replaced }
    }

    fn finish(&mut self, request: &Request, action: &Action) {
        let (outcome, cookie) = match &request.session {
            Some((id, data)) => self.act(*id, data, action),
            None => self.act_anonymously(request.replaced, action),
        };
        let cookie = match (cookie, &request.session) {
            (Cookie::Unchanged, Some((id, _))) if request.renew && self.is_live(*id) => Cookie::Set(*id),
            (cookie, _) => cookie,
        };
        match cookie {
            Cookie::Unchanged => {}
            Cookie::Set(id) => self.cookies[request.browser] = Some(id),
            Cookie::Removed => self.cookies[request.browser] = None,
        }
        self.effects.result = Some(RequestResult { outcome, cookie });
    }

    fn act_anonymously(&mut self, replaced: bool, action: &Action) -> (Outcome, Cookie) {
        match *action {
            Action::Read | Action::Remove(_) | Action::SignOut => (Outcome::Done, Cookie::Unchanged),
            Action::Write(..) if replaced => (Outcome::Done, Cookie::Unchanged),
            Action::Write(key, value) => {
                (Outcome::Done, self.create(None, false, Values::from([(key, value)])))
            }
            Action::SignIn(account, remembered) => {
                (Outcome::Done, self.create(Some(account), remembered, Values::new()))
            }
            Action::StepUp | Action::EndSession(_) | Action::EndOtherSessions => {
                (Outcome::Refused, Cookie::Unchanged)
            }
        }
    }

    /// Acts in a request whose session had this id and this data when the request started.
    fn act(&mut self, id: usize, initial: &SessionData, action: &Action) -> (Outcome, Cookie) {
        match *action {
            Action::Read => (Outcome::Done, Cookie::Unchanged),
            Action::Write(key, value) => self.change(id, key, Some(value)),
            Action::Remove(key) => self.change(id, key, None),
            Action::SignIn(account, remembered) => {
                let same_account = initial.account.is_none_or(|initial| initial == account);
                let reason = if same_account { EndReason::Replaced } else { EndReason::SignedOut };
                self.end(&self.ids_of_session(id), reason);
                let survives = |key: &str| key.starts_with("keep:");
                let values =
                    initial.values.iter().filter(|(key, _)| survives(key)).map(|(key, value)| (*key, *value));
                (Outcome::Done, self.create(Some(account), remembered, values.collect()))
            }
            Action::SignOut => match self.end(&self.ids_of_session(id), EndReason::SignedOut) {
                0 => (Outcome::Done, Cookie::Unchanged),
                _ => (Outcome::Done, Cookie::Removed),
            },
            Action::StepUp if initial.account.is_none() => (Outcome::Refused, Cookie::Unchanged),
            Action::StepUp => self.step_up(id),
            Action::EndSession(which) => self.end_session(id, which),
            Action::EndOtherSessions => self.end_other_sessions(id),
        }
    }

    /// A session that has ended does not change.
    fn change(&mut self, id: usize, key: &'static str, value: Option<u8>) -> (Outcome, Cookie) {
        if self.is_live(id) {
            let values = &mut self.sessions[id].data.values;
            match value {
                Some(value) => values.insert(key, value),
                None => values.remove(key),
            };
        }
        (Outcome::Done, Cookie::Unchanged)
    }

    fn step_up(&mut self, id: usize) -> (Outcome, Cookie) {
        if !self.is_live(id) {
            return (Outcome::Refused, Cookie::Unchanged);
        }
        let successor = self.sessions[id].rotated(self.now);
        self.end(&[id], EndReason::Replaced);
        self.sessions.push(successor);
        (Outcome::Done, Cookie::Set(self.sessions.len() - 1))
    }

    fn end_session(&mut self, id: usize, which: usize) -> (Outcome, Cookie) {
        let Some(account) = self.sessions[id].data.account else {
            return (Outcome::Refused, Cookie::Unchanged);
        };
        let others: Vec<_> = self.live_ids(account).filter(|other| *other != id).collect();
        let mut other_accounts =
            (0..self.sessions.len()).filter(|other| self.sessions[*other].data.account != Some(account));
        let target = match others.len() {
            0 => other_accounts.next_back(),
            count => Some(others[which % count]),
        };
        self.effects.target = target.map(|target| self.sessions[target].data.handle);
        let ended =
            if others.is_empty() { 0 } else { self.end(target.as_slice(), EndReason::EndedElsewhere) };
        (Outcome::Ended(ended), Cookie::Unchanged)
    }

    fn end_other_sessions(&mut self, id: usize) -> (Outcome, Cookie) {
        let Some(account) = self.sessions[id].data.account else {
            return (Outcome::Refused, Cookie::Unchanged);
        };
        let own_ids = self.ids_of_session(id);
        let others: Vec<_> = self.live_ids(account).filter(|other| !own_ids.contains(other)).collect();
        (Outcome::Ended(self.end(&others, EndReason::EndedElsewhere)), Cookie::Unchanged)
    }

    fn create(&mut self, account: Option<Account>, remembered: bool, values: Values) -> Cookie {
        let data = SessionData { handle: self.handles, account, remembered, values };
        self.handles += 1;
        self.sessions.push(ModelSession::new(self.now, data));
        Cookie::Set(self.sessions.len() - 1)
    }

    /// Ends those that are live; returns how many.
    fn end(&mut self, ids: &[usize], reason: EndReason) -> usize {
        let now = self.now;
        ids.iter().filter(|id| self.sessions[**id].end(now, reason)).count()
    }

    fn is_live(&self, id: usize) -> bool {
        self.sessions[id].is_live(self.now)
    }

    /// The live ids of an account.
    fn live_ids(&self, account: Account) -> impl Iterator<Item = usize> {
        let belongs = move |id: &usize| self.sessions[*id].data.account == Some(account);
        (0..self.sessions.len()).filter(belongs).filter(|id| self.is_live(*id))
    }

    /// All ids that this session has had: a sign-out ends it under its current id. Anonymous sessions
    /// are not found by their handle.
    fn ids_of_session(&self, id: usize) -> Vec<usize> {
        let SessionData { handle, account, .. } = self.sessions[id].data;
        let same = |other: &usize| match account {
            Some(_) => self.sessions[*other].data.handle == handle,
            None => *other == id,
        };
        (0..self.sessions.len()).filter(same).collect()
    }
}
