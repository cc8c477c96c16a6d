//! Server functions as the page's script calls them: outcomes are values, refusals are typed.

use std::time::Duration;

use http::{StatusCode, header};
use vestibule::{
    model::{AppError, EndReason, FormOutcome, Rejection, ReturnTo, SessionEvent, SessionState, Strength},
    words::{self, Problem},
};

use crate::support::{ALICE, Actor, TestResponse, TestApp, WRONG_PASSWORD};

/// The outcome of a form that was understood.
fn outcome(answer: &TestResponse) -> FormOutcome {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store, no-transform");
    answer.json()
}

#[tokio::test]
async fn signing_in_is_accepted_and_says_where_to_go() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", "/?tab=2")];
    let answer = app.anon().call("/api/sign_in", &fields).await;
    let next = ReturnTo::parse("/?tab=2").expect("a path");
    assert_eq!(outcome(&answer), FormOutcome::Accepted { next });
}

#[tokio::test]
async fn a_hostile_return_address_becomes_home() {
    let app = TestApp::start().await;
    app.alice().await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: id=1"] {
        let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", next)];
        let answer = app.anon().call("/api/sign_in", &fields).await;
        assert_eq!(outcome(&answer), FormOutcome::Accepted { next: ReturnTo::home() }, "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_the_same_value() {
    let app = TestApp::start().await;
    app.alice().await;
    for email in [ALICE.email, "nobody@example.org"] {
        let fields = [("email", email), ("password", WRONG_PASSWORD)];
        let answer = app.anon().call("/api/sign_in", &fields).await;
        let rejection = Rejection::form(words::problem("", Problem::IncorrectCredentials));
        assert_eq!(outcome(&answer), FormOutcome::Rejected(rejection), "{email}");
    }
}

#[tokio::test]
async fn all_problems_come_at_once() {
    let app = TestApp::start().await;
    let fields = [("name", " "), ("email", "nonsense"), ("password", "")];
    let answer = app.anon().call("/api/register", &fields).await;
    let mut rejection = Rejection::field("name", "Enter your name.");
    rejection.add("email", "Enter an email address like name@example.org.");
    rejection.add("password", "Enter a password.");
    assert_eq!(outcome(&answer), FormOutcome::Rejected(rejection));
}

#[tokio::test]
async fn a_taken_email_is_a_value() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    let answer = app.anon().call("/api/register", &fields).await;
    let taken = Rejection::field("email", "There is already an account with this email address.");
    assert_eq!(outcome(&answer), FormOutcome::Rejected(taken));
}

#[tokio::test]
async fn two_who_register_the_same_email_at_once_make_one_account() {
    let app = TestApp::start().await;
    let (first, second) = (app.anon(), app.anon());
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    let (one, other) =
        tokio::join!(first.call("/api/register", &fields), second.call("/api/register", &fields));
    let accepted = [outcome(&one), outcome(&other)]
        .into_iter()
        .filter(|outcome| matches!(outcome, FormOutcome::Accepted { .. }))
        .count();
    assert_eq!(accepted, 1);
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test]
async fn those_without_a_session_are_refused_with_401() {
    let app = TestApp::start().await;
    for function in ["/api/rename", "/api/sign_out"] {
        let answer = app.anon().call(function, &[("name", "x")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{function}");
        assert_eq!(answer.json::<AppError>(), AppError::SignInRequired);
    }
}

#[tokio::test]
async fn signing_out_says_where_to_go() {
    let app = TestApp::start().await;
    let answer = app.alice().await.call("/api/sign_out", &[]).await;
    let next = ReturnTo::parse("/login").expect("a path");
    assert_eq!(outcome(&answer), FormOutcome::Accepted { next });
}

#[tokio::test]
async fn anybody_may_ask_how_strong_a_password_is() {
    let app = TestApp::start().await;
    let rate = async |password| app.anon().call("/api/rate_password", &[("password", password)]).await;
    assert_eq!(rate("password1").await.json::<Option<Strength>>(), Some(Strength::Trivial));
    assert_eq!(rate("correct horse battery staple").await.json::<Option<Strength>>(), Some(Strength::Strong));
}

#[tokio::test]
async fn the_status_of_a_session_is_told_without_moving_its_clock() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let status = async |actor: &Actor| actor.call("/api/session_status", &[]).await.json::<SessionEvent>();
    let before = status(&alice).await.times.expect("times");
    app.clock.advance(Duration::from_mins(90));
    let news = status(&alice).await;
    let times = news.times.expect("times");
    assert_eq!(news.state, SessionState::Live);
    assert_eq!((&times.last_active, &times.ends), (&before.last_active, &before.ends));
    assert_eq!(times.now - before.now, 90 * 60 * 1000);

    alice.get("/").await;
    let times = status(&alice).await.times.expect("times");
    assert_eq!(times.last_active.at, times.now);

    let copy = alice.copy();
    alice.sign_out().await;
    let ended = |reason| SessionState::Ended { reason };
    assert_eq!(status(&copy).await.state, ended(Some(EndReason::SignedOut)));
    assert_eq!(status(&app.anon()).await.state, ended(None));
}

#[tokio::test]
async fn what_waits_for_a_script_is_not_lost_to_the_page() {
    let app = TestApp::start().await;
    let anon = app.anon();
    anon.fail_to_sign_in(ALICE.email).await;
    anon.call("/api/sign_in", &[("email", ALICE.email), ("password", WRONG_PASSWORD)]).await;
    anon.get("/login").await.shows(ALICE.email);
}
