//! Ending a session against everything that keeps one alive, thousands of times.
//!
//! Whoever ends a session raises a flag once the store has acknowledged it. Nothing that begins
//! after that may be accepted, whatever was under way when it happened.

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

/// Per store, over all ways to end.
const RACES: usize = 10_000;
/// Those who go on using the session that ends.
const RIVALS: usize = 8;

const NOW: Timestamp = Timestamp::from_millis(1_767_254_400_000);
const HOUR: Duration = Duration::from_hours(1);

for_every_store!(nothing_is_accepted_once_the_end_is_acknowledged);

fn nothing_is_accepted_once_the_end_is_acknowledged<S: StoreUnderTest>() {
    runtime().block_on(async {
        let backend = S::empty().await;
        let tally = races(&backend.store(), RACES).await;
        println!("{RACES} races: {tally:?}");
        assert_eq!(tally.wrong(), 0, "{tally:?}");
        assert!(tally.accepted > RACES && tally.refused > RACES, "there was hardly a race: {tally:?}");
    });
}

/// The harness itself: it must catch stores that are known to revive sessions.
#[test]
fn a_store_that_revives_sessions_is_caught() {
    for mutation in [Mutation::UpsertInSave, Mutation::ReadsThenWrites, Mutation::RotationKeepsOldId] {
        let tally = runtime().block_on(races(&MutatedStore::new(Some(mutation)).store(), RACES / 10));
        println!("{mutation:?}: {tally:?}");
        assert!(tally.wrong() > 0, "{mutation:?} went by: {tally:?}");
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What came of the operations that raced.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Accepted although they began after the end was acknowledged.
    accepted_too_late: usize,
    /// Sessions that were not as they should be once all was quiet.
    astray: usize,
}

impl Tally {
    fn wrong(self) -> usize {
        self.accepted_too_late + self.astray
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.accepted_too_late += other.accepted_too_late;
        self.astray += other.astray;
    }
}

/// How the session ends.
#[derive(Clone, Copy, Debug)]
enum Way {
    SignOut,
    ByHandle,
    AsOneOfTheOthers,
    Rotation,
}

const WAYS: [Way; 4] = [Way::SignOut, Way::ByHandle, Way::AsOneOfTheOthers, Way::Rotation];

async fn races(store: &Arc<dyn Store>, number: usize) -> Tally {
    let mut tally = Tally::default();
    for race in 0..number {
        tally += run(store, WAYS[race % WAYS.len()], race / WAYS.len()).await;
    }
    tally
}

/// What the rivals share.
#[derive(Debug)]
struct Track {
    store: Arc<dyn Store>,
    session: StoredSession,
    start: Barrier,
    /// The end of the session is acknowledged.
    ended: AtomicBool,
}

async fn run(store: &Arc<dyn Store>, way: Way, head_start: usize) -> Tally {
    let session = session();
    store.create(&session, &[]).await.expect("created");
    let start = Barrier::new(RIVALS + 1);
    let (store, ended) = (store.clone(), AtomicBool::new(false));
    let track = Arc::new(Track { store, session: session.clone(), start, ended });
    let mut rivals = JoinSet::new();
    for rival in 0..RIVALS {
        rivals.spawn(compete(track.clone(), rival));
    }
    track.start.wait().await;
    for _ in 0..head_start % 5 {
        yield_now().await;
    }
    let successor = end(&*track.store, way, &session).await;
    track.ended.store(true, Ordering::SeqCst);

    let mut tally = Tally::default();
    for of_one in rivals.join_all().await {
        tally += of_one;
    }
    tally.astray = usize::from(!came_out_right(&*track.store, way, &session, successor).await);
    tally
}

/// Uses the session again and again, until once after its end.
async fn compete(track: Arc<Track>, rival: usize) -> Tally {
    let mut tally = Tally::default();
    track.start.wait().await;
    for turn in 0.. {
        let too_late = track.ended.load(Ordering::SeqCst);
        let accepted = use_once(&*track.store, &track.session, rival + turn).await;
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

/// Changes, touches or reads the session; whether that was accepted.
async fn use_once(store: &dyn Store, session: &StoredSession, turn: usize) -> bool {
    let id = &session.id_hash;
    match turn % 3 {
        0 => {
            let change = Changes::from([(format!("key {turn}"), Some(json!(turn)))]);
            store.merge(id, &change, NOW).await.expect("a response")
        }
        1 => store.touch(session, NOW).await.expect("a response"),
        _ => matches!(store.load(id, NOW).await.expect("a response"), Lookup::Live(_)),
    }
}

/// Ends the session; returns what takes its place.
async fn end(store: &dyn Store, way: Way, session: &StoredSession) -> Option<StoredSession> {
    let account = session.account.clone().expect("somebody's");
    let which = match way {
        Way::SignOut => Selection::ById(session.id_hash.clone()),
        Way::ByHandle => Selection::ByHandle(account, session.handle.clone()),
        Way::AsOneOfTheOthers => Selection::AllExcept(account, self::session().handle),
        Way::Rotation => return Some(rotate(store, session).await),
    };
    let client = Client { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
    let revocation = Revocation { sessions: which, reason: EndReason::EndedElsewhere, at: NOW, client };
    let ended = store.end(&revocation).await.expect("ended");
    assert_eq!(ended, std::slice::from_ref(&session.handle), "it lived, and nothing else was meant");
    None
}

async fn rotate(store: &dyn Store, old: &StoredSession) -> StoredSession {
    let new = StoredSession { id_hash: session().id_hash, ..old.clone() };
    let values = store.rotate(&old.id_hash, &new, NOW, &[]).await.expect("rotated").expect("it lived");
    StoredSession { values, ..new }
}

/// Once all is quiet: the session has ended for the first reason given, and what took its place
/// lives on, with all that the old one was ever told to keep.
async fn came_out_right(
    store: &dyn Store,
    way: Way,
    session: &StoredSession,
    successor: Option<StoredSession>,
) -> bool {
    let reason = match way {
        Way::Rotation => EndReason::Replaced,
        _ => EndReason::EndedElsewhere,
    };
    let told = store.load(&session.id_hash, NOW).await.expect("loaded");
    let Some(successor) = successor else { return told == Lookup::Ended(reason) };
    let lives = match store.load(&successor.id_hash, NOW).await.expect("loaded") {
        Lookup::Live(live) => *live.session == successor,
        _ => false,
    };
    told == Lookup::Ended(reason) && lives && use_once(store, &successor, 0).await
}

/// Of an account of its own.
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
