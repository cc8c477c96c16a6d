//! Races between the end of a session and concurrent use of it, thousands of times.
//!
//! A flag is set once the store has acknowledged the end. No operation that starts after that may
//! succeed.

use std::{
    net::Ipv4Addr,
    ops::AddAssign,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    runtime::{Builder, Runtime},
    sync::Barrier,
    task::{JoinSet, yield_now},
};
use vestibule::{
    model::EndReason,
    server::{
        domain::{AccountId, Client, SessionHandle, Timestamp, random},
        sessions::{Changes, Lookup, Method, Revocation, Selection, Store, StoredSession, Values},
        system::SystemEntropy,
    },
};

use crate::{
    contract::{MutatedStore, Mutation},
    support::{RawId, StoreUnderTest, for_every_store},
};

/// Per store, over all end methods.
const RACES: usize = 10_000;
/// Tasks that use the session concurrently.
const WORKERS: usize = 8;

const NOW: Timestamp = Timestamp::from_millis(1_767_254_400_000);
const HOUR: Duration = Duration::from_hours(1);

for_every_store!(no_operation_succeeds_after_the_end_is_acknowledged);

fn no_operation_succeeds_after_the_end_is_acknowledged<S: StoreUnderTest>() {
    runtime().block_on(async {
        let backend = S::empty().await;
        let tally = races(&backend.store(), RACES).await;
        println!("{RACES} races: {tally:?}");
        assert_eq!(tally.violations(), 0, "{tally:?}");
        assert!(tally.accepted > RACES && tally.refused > RACES, "too few operations to race: {tally:?}");
    });
}

/// Checks this test itself with stores that are known to revive sessions.
#[test]
fn a_store_that_revives_sessions_is_detected() {
    for mutation in [Mutation::UpsertInSave, Mutation::ReadsThenWrites, Mutation::RotationKeepsOldId] {
        let tally = runtime().block_on(races(&MutatedStore::new(Some(mutation)).store(), RACES / 10));
        println!("{mutation:?}: {tally:?}");
        assert!(tally.violations() > 0, "{mutation:?} was not detected: {tally:?}");
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// The results of the concurrent operations.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Accepted although they started after the end was acknowledged.
    accepted_too_late: usize,
    /// Sessions in a wrong state after all operations.
    inconsistent: usize,
}

impl Tally {
    fn violations(self) -> usize {
        self.accepted_too_late + self.inconsistent
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.accepted_too_late += other.accepted_too_late;
        self.inconsistent += other.inconsistent;
    }
}

/// How the session ends.
#[derive(Clone, Copy, Debug)]
enum EndMethod {
    SignOut,
    ByHandle,
    AllExcept,
    Rotation,
}

const END_METHODS: [EndMethod; 4] =
    [EndMethod::SignOut, EndMethod::ByHandle, EndMethod::AllExcept, EndMethod::Rotation];

async fn races(store: &Arc<dyn Store>, number: usize) -> Tally {
    let mut tally = Tally::default();
    for race in 0..number {
        tally += run(store, END_METHODS[race % END_METHODS.len()], race / END_METHODS.len()).await;
    }
    tally
}

/// What the tasks of a race share.
#[derive(Debug)]
struct Race {
    store: Arc<dyn Store>,
    session: StoredSession,
    start: Barrier,
    /// The end of the session is acknowledged.
    ended: AtomicBool,
}

async fn run(store: &Arc<dyn Store>, method: EndMethod, delay: usize) -> Tally {
    let session = session();
    store.create(&session, &[]).await.expect("created");
    let start = Barrier::new(WORKERS + 1);
    let (store, ended) = (store.clone(), AtomicBool::new(false));
    let race = Arc::new(Race { store, session: session.clone(), start, ended });
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        workers.spawn(use_until_ended(race.clone(), worker));
    }
    race.start.wait().await;
    for _ in 0..delay % 5 {
        yield_now().await;
    }
    let successor = end(&*race.store, method, &session).await;
    race.ended.store(true, Ordering::SeqCst);

    let mut tally = Tally::default();
    for worker_tally in workers.join_all().await {
        tally += worker_tally;
    }
    tally.inconsistent = usize::from(!is_consistent(&*race.store, method, &session, successor).await);
    tally
}

/// Uses the session repeatedly, the last time after its end.
async fn use_until_ended(race: Arc<Race>, worker: usize) -> Tally {
    let mut tally = Tally::default();
    race.start.wait().await;
    for turn in 0.. {
        let too_late = race.ended.load(Ordering::SeqCst);
        let accepted = use_once(&*race.store, &race.session, worker + turn).await;
        tally.accepted += usize::from(accepted);
        tally.refused += usize::from(!accepted);
        tally.accepted_too_late += usize::from(accepted && too_late);
        if too_late {
            break;
        }
        yield_now().await;
    }
    tally
}

/// Changes, touches or reads the session; returns whether that was accepted.
async fn use_once(store: &dyn Store, session: &StoredSession, turn: usize) -> bool {
    let id = &session.id_hash;
    match turn % 3 {
        0 => {
            let change = Changes::from([(format!("key {turn}"), Some(json!(turn)))]);
            store.merge(id, &change, NOW).await.expect("no error")
        }
        1 => store.touch(session, NOW).await.expect("no error"),
        _ => matches!(store.load(id, NOW).await.expect("no error"), Lookup::Live(_)),
    }
}

/// Ends the session; returns its successor after a rotation.
async fn end(store: &dyn Store, method: EndMethod, session: &StoredSession) -> Option<StoredSession> {
    let account = session.account.clone().expect("an account");
    let which = match method {
        EndMethod::SignOut => Selection::ById(session.id_hash.clone()),
        EndMethod::ByHandle => Selection::ByHandle(account, session.handle.clone()),
        EndMethod::AllExcept => Selection::AllExcept(account, self::session().handle),
        EndMethod::Rotation => return Some(rotate(store, session).await),
    };
    let client = Client { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    let revocation = Revocation { sessions: which, reason: EndReason::EndedElsewhere, at: NOW, client };
    let ended = store.end(&revocation, 10).await.expect("ended");
    assert_eq!(ended.handles, std::slice::from_ref(&session.handle), "exactly this session was ended");
    None
}

async fn rotate(store: &dyn Store, old: &StoredSession) -> StoredSession {
    let new = StoredSession { id_hash: session().id_hash, ..old.clone() };
    let values = store.rotate(&old.id_hash, &new, NOW, &[]).await.expect("rotated").expect("a live session");
    StoredSession { values, ..new }
}

/// Whether the session ended for the given reason, and its successor is live with all values that were
/// stored in the old one.
async fn is_consistent(
    store: &dyn Store,
    method: EndMethod,
    session: &StoredSession,
    successor: Option<StoredSession>,
) -> bool {
    let reason = match method {
        EndMethod::Rotation => EndReason::Replaced,
        _ => EndReason::EndedElsewhere,
    };
    let lookup = store.load(&session.id_hash, NOW).await.expect("loaded");
    let Some(successor) = successor else { return lookup == Lookup::Ended(reason) };
    let successor_is_live = match store.load(&successor.id_hash, NOW).await.expect("loaded") {
        Lookup::Live(live) => *live.session == successor,
        _ => false,
    };
    lookup == Lookup::Ended(reason) && successor_is_live && use_once(store, &successor, 0).await
}

/// A session of a new account.
fn session() -> StoredSession {
    let handle = SessionHandle::generate(&SystemEntropy);
    StoredSession {
        id_hash: RawId(random(&SystemEntropy)).hash(),
        account: Some(AccountId::new(handle.to_string())),
        handle,
        methods: vec![Method::Password],
        credential_version: 0,
        authenticated_at: Some(NOW),
        remembered: false,
        user_agent: String::new(),
        address: String::new(),
        values: Values::new(),
        created_at: NOW,
        seen_at: NOW,
        expires_at: NOW + HOUR,
        absolute_expires_at: NOW + 24 * HOUR,
    }
}
