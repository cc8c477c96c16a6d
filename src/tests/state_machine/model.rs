//! The reference: what the engine ought to do, in the plainest words.

use std::time::Duration;

use proptest::{
    prelude::{Just, Strategy},
    strategy::BoxedStrategy,
};
use proptest_state_machine::ReferenceStateMachine;
use vestibule::model::EndReason;

use super::{
    lives::{Kept, Life, Person, Told},
    operation::{Account, Action, BROWSERS, Operation, any_operation},
};

/// The world as it should be. Ids are numbers, in the order in which they were issued.
#[derive(Clone, Debug, Default)]
pub struct Model {
    now: Duration,
    lives: Vec<Life>,
    handles: usize,
    /// The id in each browser's cookie.
    jars: [Option<usize>; BROWSERS],
    hanging: Vec<Request>,
    pub reaction: Reaction,
}

/// A request, as the engine saw it when it came.
#[derive(Clone, Debug)]
struct Request {
    browser: usize,
    session: Option<(usize, Person)>,
    /// Its session was prolonged, so its cookie has to be.
    renew: bool,
}

/// What the last operation led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// What a request that was opened heard of its cookie.
    pub opened: Option<Told>,
    /// The handle of the session that a request tried to end.
    pub target: Option<usize>,
    pub answer: Option<TestResponse>,
    /// How many sessions an administrator ended.
    pub ended: usize,
}

/// How a request came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResponse {
    pub outcome: Outcome,
    pub cookie: Cookie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nobody is signed in, or is any more.
    Refused,
    /// So many others have ended.
    Ended(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Untouched,
    Set(usize),
    Removed,
}

impl ReferenceStateMachine for Model {
    type State = Model;
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Operation> {
        any_operation(model.hanging.len())
    }

    fn preconditions(model: &Model, operation: &Operation) -> bool {
        !matches!(operation, Operation::Finish(which, _) if *which >= model.hanging.len())
    }

    fn apply(mut model: Model, operation: &Operation) -> Model {
        model.reaction = Reaction::default();
        model.happen(operation);
        model
    }
}

impl Model {
    /// What must be told of this browser's cookie.
    pub fn told(&self, browser: usize) -> Told {
        self.jars[browser].map_or(Told::Nobody, |id| self.lives[id].told(self.now))
    }

    /// What must be told of every id there ever was.
    pub fn everything_told(&self) -> Vec<Told> {
        self.lives.iter().map(|life| life.told(self.now)).collect()
    }

    /// The handles of the live sessions of an account.
    pub fn listed(&self, account: Account) -> Vec<usize> {
        self.of(account).map(|id| self.lives[id].person.handle).collect()
    }

    fn happen(&mut self, operation: &Operation) {
        match *operation {
            Operation::Request(browser, ref action) => {
                let request = self.open(browser);
                self.finish(&request, action);
            }
            Operation::Begin(browser) => {
                let request = self.open(browser);
                self.hanging.push(request);
            }
            Operation::Finish(which, ref action) => {
                let request = self.hanging.remove(which);
                self.finish(&request, action);
            }
            Operation::EndAll(account) => {
                let all: Vec<_> = self.of(account).collect();
                self.reaction.ended = self.end(&all, EndReason::EndedByAdministrator);
            }
            Operation::Wait(pause) => self.now += pause,
            Operation::Purge => self.lives.iter_mut().for_each(|life| life.purge(self.now)),
            Operation::Steal(thief, victim) => self.jars[thief] = self.jars[victim],
        }
    }

    fn open(&mut self, browser: usize) -> Request {
        let now = self.now;
        let live = self.jars[browser].filter(|id| self.lives[*id].is_live(now));
        let touched = live.is_some_and(|id| self.lives[id].touch(now));
        self.reaction.opened = Some(self.told(browser));
        let session = live.map(|id| (id, self.lives[id].person.clone()));
        let renew = touched && session.as_ref().is_some_and(|(_, person)| person.remembered);
        Request { browser, session, renew }
    }

    fn finish(&mut self, request: &Request, action: &Action) {
        let (outcome, cookie) = match &request.session {
            Some((id, person)) => self.act(*id, person, action),
            None => self.act_as_nobody(action),
        };
        let cookie = match (cookie, &request.session) {
            (Cookie::Untouched, Some((id, _))) if request.renew && self.is_live(*id) => Cookie::Set(*id),
            (cookie, _) => cookie,
        };
        match cookie {
            Cookie::Untouched => {}
            Cookie::Set(id) => self.jars[request.browser] = Some(id),
            Cookie::Removed => self.jars[request.browser] = None,
        }
        self.reaction.answer = Some(TestResponse { outcome, cookie });
    }

    fn act_as_nobody(&mut self, action: &Action) -> (Outcome, Cookie) {
        match *action {
            Action::Look | Action::Remove(_) | Action::SignOut => (Outcome::Done, Cookie::Untouched),
            Action::Write(key, value) => (Outcome::Done, self.begin(None, false, Kept::from([(key, value)]))),
            Action::SignIn(account, stays) => (Outcome::Done, self.begin(Some(account), stays, Kept::new())),
            Action::StepUp | Action::EndOne(_) | Action::EndOthers => (Outcome::Refused, Cookie::Untouched),
        }
    }

    /// What comes of a request that saw this id live, as this person, when it came.
    fn act(&mut self, id: usize, seen: &Person, action: &Action) -> (Outcome, Cookie) {
        match *action {
            Action::Look => (Outcome::Done, Cookie::Untouched),
            Action::Write(key, value) => self.change(id, key, Some(value)),
            Action::Remove(key) => self.change(id, key, None),
            Action::SignIn(account, stays) => {
                let same_account = seen.account.is_none_or(|seen| seen == account);
                let reason = if same_account { EndReason::Replaced } else { EndReason::SignedOut };
                self.end(&self.line(id), reason);
                let survives = |key: &str| key.starts_with("keep:");
                let kept =
                    seen.kept.iter().filter(|(key, _)| survives(key)).map(|(key, value)| (*key, *value));
                (Outcome::Done, self.begin(Some(account), stays, kept.collect()))
            }
            Action::SignOut => match self.end(&self.line(id), EndReason::SignedOut) {
                0 => (Outcome::Done, Cookie::Untouched),
                _ => (Outcome::Done, Cookie::Removed),
            },
            Action::StepUp if seen.account.is_none() => (Outcome::Refused, Cookie::Untouched),
            Action::StepUp => self.step_up(id),
            Action::EndOne(which) => self.end_session(id, which),
            Action::EndOthers => self.end_other_sessions(id),
        }
    }

    /// Nothing is kept in a session that is no more.
    fn change(&mut self, id: usize, key: &'static str, value: Option<u8>) -> (Outcome, Cookie) {
        if self.is_live(id) {
            let kept = &mut self.lives[id].person.kept;
            match value {
                Some(value) => kept.insert(key, value),
                None => kept.remove(key),
            };
        }
        (Outcome::Done, Cookie::Untouched)
    }

    fn step_up(&mut self, id: usize) -> (Outcome, Cookie) {
        if !self.is_live(id) {
            return (Outcome::Refused, Cookie::Untouched);
        }
        let successor = self.lives[id].go_on(self.now);
        self.end(&[id], EndReason::Replaced);
        self.lives.push(successor);
        (Outcome::Done, Cookie::Set(self.lives.len() - 1))
    }

    fn end_session(&mut self, id: usize, which: usize) -> (Outcome, Cookie) {
        let Some(account) = self.lives[id].person.account else {
            return (Outcome::Refused, Cookie::Untouched);
        };
        let others: Vec<_> = self.of(account).filter(|other| *other != id).collect();
        let mut strangers =
            (0..self.lives.len()).filter(|other| self.lives[*other].person.account != Some(account));
        let target = match others.len() {
            0 => strangers.next_back(),
            some => Some(others[which % some]),
        };
        self.reaction.target = target.map(|target| self.lives[target].person.handle);
        let ended =
            if others.is_empty() { 0 } else { self.end(target.as_slice(), EndReason::EndedElsewhere) };
        (Outcome::Ended(ended), Cookie::Untouched)
    }

    fn end_other_sessions(&mut self, id: usize) -> (Outcome, Cookie) {
        let Some(account) = self.lives[id].person.account else {
            return (Outcome::Refused, Cookie::Untouched);
        };
        let itself = self.line(id);
        let others: Vec<_> = self.of(account).filter(|other| !itself.contains(other)).collect();
        (Outcome::Ended(self.end(&others, EndReason::EndedElsewhere)), Cookie::Untouched)
    }

    fn begin(&mut self, account: Option<Account>, remembered: bool, kept: Kept) -> Cookie {
        let person = Person { handle: self.handles, account, remembered, kept };
        self.handles += 1;
        self.lives.push(Life::begin(self.now, person));
        Cookie::Set(self.lives.len() - 1)
    }

    /// Ends those that live, and says how many.
    fn end(&mut self, ids: &[usize], reason: EndReason) -> usize {
        let now = self.now;
        ids.iter().filter(|id| self.lives[**id].end(now, reason)).count()
    }

    fn is_live(&self, id: usize) -> bool {
        self.lives[id].is_live(self.now)
    }

    /// The live ids of an account.
    fn of(&self, account: Account) -> impl Iterator<Item = usize> {
        let theirs = move |id: &usize| self.lives[*id].person.account == Some(account);
        (0..self.lives.len()).filter(theirs).filter(|id| self.is_live(*id))
    }

    /// All ids that this one's session has had: who signs out means the session, whichever id it
    /// has by now. Those of nobody cannot be found by their handle.
    fn line(&self, id: usize) -> Vec<usize> {
        let Person { handle, account, .. } = self.lives[id].person;
        let same = |other: &usize| match account {
            Some(_) => self.lives[*other].person.handle == handle,
            None => *other == id,
        };
        (0..self.lives.len()).filter(same).collect()
    }
}
