//! Stored sessions that another program has damaged: each line of an input puts a text into a column. The visitor is
//! served or signed out, and the session can still be listed, purged and seen.

use std::time::Duration;

use axum::{body::Body, extract::Request};
use http::header;
use vestibule::server::{
    domain::{AccountId, Client},
    sessions::{CookieChange, Identity, RequestSession},
};

use super::world::World;
use crate::support::{ALICE, AUTHENTICATION};

/// Every session has expired by then, and been forgotten.
const LATER: Duration = Duration::from_hours(24 * 200);

/// What a column of text or of whole numbers can be.
const COLUMNS: [&str; 14] = [
    "data",
    "methods",
    "handle",
    "account_id",
    "user_agent",
    "address",
    "credentials",
    "authenticated_at",
    "remembered",
    "created_at",
    "seen_at",
    "expires_at",
    "absolute_expires_at",
    "end_reason",
];

pub fn target() -> impl FnMut(&[u8]) -> String {
    let world = World::start();
    let account = world.runtime.block_on(async {
        world.app.anon().register(ALICE).await;
        world.app.account_id().await
    });
    move |input| world.runtime.block_on(use_damaged(&world, &account, &String::from_utf8_lossy(input)))
}

async fn use_damaged(world: &World, account: &AccountId, damage: &str) -> String {
    world.app.forget_sessions().await;
    let cookie = sign_in(world, account).await;
    for line in damage.lines() {
        let (column, text) = line.split_once('=').unwrap_or((line, ""));
        if let Some(column) = COLUMNS.iter().find(|known| **known == column) {
            world.app.damage_sessions(&[(column, text)]).await;
        }
    }
    let requests =
        [("GET", "/"), ("GET", "/account/sessions"), ("GET", "/login"), ("POST", "/api/session_status")];
    let mut statuses = Vec::new();
    for (method, path) in requests {
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, &cookie);
        statuses.push(world.answer(request.body(Body::empty()).expect("a request")).await.as_u16());
    }
    assert_eq!(world.app.count_stored_sessions().await, 1, "the session is not lost");
    world.app.purge().await;
    world.app.clock.advance(LATER);
    assert!(is_purged(world).await, "a damaged session does not stop the purge");
    world.app.clock.set_back(LATER);
    format!("{statuses:?}")
}

/// Whether the purge comes to an end.
async fn is_purged(world: &World) -> bool {
    for _ in 0..10 {
        if !world.app.state.app.sessions.purge_batch().await.expect("purged") {
            return true;
        }
    }
    false
}

/// Begins a session without the work of hashing a password; returns its cookie.
async fn sign_in(world: &World, account: &AccountId) -> String {
    let state = &world.app.state;
    let session = RequestSession::open(state.app.sessions.clone(), None, Client::command_line(), true).await;
    let identity = Identity { account: account.clone(), authentication: AUTHENTICATION, remembered: false };
    session.sign_in(identity).await.expect("signed in");
    let CookieChange::Set { id, max_age } = session.close().await.cookie else { panic!("no session") };
    let line = state.session_cookie.set(&id, max_age).expect("a cookie");
    line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned()
}
