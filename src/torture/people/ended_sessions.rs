//! The cookies of all sessions that have ended, tried again and again: none of them may be accepted.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream};
use rand::{RngExt, rngs::StdRng};
use tokio::time::sleep;

use super::{
    person::PAGES,
    world::{World, next_page},
};
use crate::{
    answer::Answer,
    client::{Request, Target},
    violations::Rule,
};

/// Time between two that are tried at random, in milliseconds.
const INTERVAL: Range<u64> = 20..60;
/// How many are tried at a time in the end.
const CONCURRENT: usize = 8;

#[derive(Clone, Debug)]
pub struct EndedSession {
    pub cookie: String,
    pub how: &'static str,
    pub owner: String,
}

#[derive(Debug, Default)]
pub struct EndedSessions {
    sessions: Mutex<Vec<EndedSession>>,
    tried: AtomicU64,
}

/// What is tried with a cookie.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    Open(&'static str),
    Rename,
}

impl EndedSessions {
    pub fn add(&self, session: EndedSession) {
        self.lock().push(session);
    }

    /// How many there are, and how often one of them was tried.
    pub fn counts(&self) -> (usize, u64) {
        (self.lock().len(), self.tried.load(Ordering::Relaxed))
    }

    fn any(&self, random: &mut StdRng) -> Option<EndedSession> {
        let sessions = self.lock();
        (!sessions.is_empty()).then(|| sessions[random.random_range(0..sessions.len())].clone())
    }

    fn all(&self) -> Vec<EndedSession> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<EndedSession>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries one after the other on any of the servers, or where people go to, until they stop.
pub async fn try_at_random(world: Arc<World>, mut random: StdRng) {
    let targets: Vec<_> = world.servers.iter().chain([&world.entrance]).copied().collect();
    while !world.stop.is_cancelled() {
        sleep(Duration::from_millis(random.random_range(INTERVAL))).await;
        let Some(session) = world.ended.any(&mut random) else { continue };
        let target = targets[random.random_range(0..targets.len())];
        let page = PAGES[random.random_range(0..PAGES.len())];
        let attempt = if random.random_ratio(1, 5) { Attempt::Rename } else { Attempt::Open(page) };
        try_session(&world, &session, target, attempt).await;
    }
}

/// Tries one that has just ended, on all servers.
pub async fn try_at_once(world: &World, session: &EndedSession) {
    let attempts =
        world.servers.iter().map(|server| try_session(world, session, *server, Attempt::Open("/")));
    join_all(attempts).await;
}

/// Tries all of them, on all servers.
pub async fn try_all(world: &World) {
    let attempts = world
        .ended
        .all()
        .into_iter()
        .flat_map(|session| world.servers.iter().map(move |server| (session.clone(), *server)));
    stream::iter(attempts)
        .for_each_concurrent(CONCURRENT, async |(session, server)| {
            try_session(world, &session, server, Attempt::Open("/account")).await;
        })
        .await;
}

async fn try_session(world: &World, session: &EndedSession, target: Target, attempt: Attempt) {
    world.ended.tried.fetch_add(1, Ordering::Relaxed);
    let by = format!("someone with a cookie of {} that was {}", session.owner, session.how);
    let (path, form) = match attempt {
        Attempt::Open(path) => (path, None),
        Attempt::Rename => ("/api/rename", Some(&[("name", "Intruder")][..])),
    };
    let request = Request { target, path, cookie: Some(&session.cookie), form, by_script: false, by: &by };
    let exchange = world.client.send(request).await;
    let answer = match attempt {
        Attempt::Open(_) => Answer::to_page(&exchange),
        Attempt::Rename => Answer::to_form(&exchange, next_page(path)),
    };
    world.judge_failure(&exchange, &answer);
    match answer {
        Answer::SignedOut | Answer::Failed(_) => {}
        Answer::Public => world.violate(Rule::ERRORS, "it is another page", &exchange),
        Answer::SignedIn(_) | Answer::Accepted | Answer::Rejected => {
            world.violate(Rule::ENDINGS, "an ended session is accepted", &exchange);
        }
    }
}
