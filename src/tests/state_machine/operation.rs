//! The operations that are generated.

use std::time::Duration;

use proptest::{
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::BoxedStrategy,
};

pub const BROWSERS: usize = 3;

/// The last of them survives sign-in.
pub const KEYS: [&str; 3] = ["colour", "draft", "keep:theme"];

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Just below, at and above every timeout.
const PAUSES: [Duration; 16] = [
    SECOND,
    SECOND.saturating_mul(59),
    MINUTE,
    MINUTE.saturating_mul(2),
    MINUTE.saturating_mul(9),
    MINUTE.saturating_mul(10),
    HOUR,
    HOUR.saturating_mul(6),
    HOUR.saturating_mul(12).saturating_sub(SECOND),
    HOUR.saturating_mul(12),
    DAY,
    DAY.saturating_mul(5),
    DAY.saturating_mul(7),
    DAY.saturating_mul(14).saturating_sub(SECOND),
    DAY.saturating_mul(14),
    DAY.saturating_mul(20),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Alice,
    Bob,
}

#[derive(Clone, Debug)]
pub enum Operation {
    /// A whole request of a browser.
    Request(usize, Action),
    /// The start of a request, which stays pending.
    Start(usize),
    /// The end of a pending request.
    Finish(usize, Action),
    /// An administrator ends all sessions of an account.
    EndAll(Account),
    Wait(Duration),
    Purge,
    /// The first browser gets the cookie of the second.
    Steal(usize, usize),
}

/// What a request does.
#[derive(Clone, Debug)]
pub enum Action {
    Read,
    Write(&'static str, u8),
    Remove(&'static str),
    SignIn(Account, bool),
    SignOut,
    StepUp,
    /// One of the other sessions of the account; if there is none, one of another account.
    EndSession(usize),
    EndOtherSessions,
}

/// Any operation, while this many requests are pending.
pub fn any_operation(pending: usize) -> BoxedStrategy<Operation> {
    let browser = || 0..BROWSERS;
    let anything = prop_oneof![
        12 => (browser(), prop_oneof![4 => any_action(), 1 => any_revocation()])
            .prop_map(|(browser, action)| Operation::Request(browser, action)),
        4 => select(&PAUSES[..]).prop_map(Operation::Wait),
        3 => browser().prop_map(Operation::Start),
        1 => any_account().prop_map(Operation::EndAll),
        1 => Just(Operation::Purge),
        1 => (browser(), browser()).prop_map(|(attacker, victim)| Operation::Steal(attacker, victim)),
    ];
    if pending == 0 {
        return anything.boxed();
    }
    let finish = (0..pending, any_action()).prop_map(|(which, action)| Operation::Finish(which, action));
    prop_oneof![4 => anything, 1 => finish].boxed()
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::Read),
        2 => (select(&KEYS[..]), 0..3_u8).prop_map(|(key, value)| Action::Write(key, value)),
        1 => select(&KEYS[..]).prop_map(Action::Remove),
        2 => (any_account(), any::<bool>()).prop_map(|(account, remembered)| Action::SignIn(account, remembered)),
        1 => Just(Action::SignOut),
        1 => Just(Action::StepUp),
    ]
}

fn any_revocation() -> impl Strategy<Value = Action> {
    prop_oneof![(0..5_usize).prop_map(Action::EndSession), Just(Action::EndOtherSessions)]
}

fn any_account() -> impl Strategy<Value = Account> {
    select(&[Account::Alice, Account::Bob][..])
}
