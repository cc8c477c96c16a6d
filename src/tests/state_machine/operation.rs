//! What may happen next.

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

/// Around every moment at which something changes.
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
    DAY.saturating_mul(80),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Alice,
    Bob,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A browser's request, from its beginning to its end.
    Request(usize, Action),
    /// A browser's request is opened, and left hanging.
    Begin(usize),
    /// One of the requests that hang comes to its end.
    Finish(usize, Action),
    /// An administrator ends all sessions of an account.
    EndAll(Account),
    Wait(Duration),
    Purge,
    /// The first browser gets hold of the cookie of the second.
    Steal(usize, usize),
}

/// What a request is for.
#[derive(Clone, Debug)]
pub enum Action {
    Look,
    Write(&'static str, u8),
    Remove(&'static str),
    SignIn(Account, bool),
    SignOut,
    StepUp,
    /// One of the other sessions of the account, or somebody else's if there is none.
    EndOne(usize),
    EndOthers,
}

/// Any operation, with this many requests left hanging.
pub fn any_operation(hanging: usize) -> BoxedStrategy<Operation> {
    let browser = || 0..BROWSERS;
    let anything = prop_oneof![
        12 => (browser(), prop_oneof![4 => any_action(), 1 => any_ending()])
            .prop_map(|(browser, action)| Operation::Request(browser, action)),
        4 => select(&PAUSES[..]).prop_map(Operation::Wait),
        3 => browser().prop_map(Operation::Begin),
        1 => any_account().prop_map(Operation::EndAll),
        1 => Just(Operation::Purge),
        1 => (browser(), browser()).prop_map(|(thief, victim)| Operation::Steal(thief, victim)),
    ];
    if hanging == 0 {
        return anything.boxed();
    }
    let finish = (0..hanging, any_action()).prop_map(|(which, action)| Operation::Finish(which, action));
    prop_oneof![4 => anything, 1 => finish].boxed()
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        1 => Just(Action::Look),
        2 => (select(&KEYS[..]), 0..3_u8).prop_map(|(key, value)| Action::Write(key, value)),
        1 => select(&KEYS[..]).prop_map(Action::Remove),
        2 => (any_account(), any::<bool>()).prop_map(|(account, stays)| Action::SignIn(account, stays)),
        1 => Just(Action::SignOut),
        1 => Just(Action::StepUp),
    ]
}

fn any_ending() -> impl Strategy<Value = Action> {
    prop_oneof![(0..5_usize).prop_map(Action::EndOne), Just(Action::EndOthers)]
}

fn any_account() -> impl Strategy<Value = Account> {
    select(&[Account::Alice, Account::Bob][..])
}
