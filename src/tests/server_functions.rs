//! Server functions as the scripts of pages call them: form outcomes and typed errors.

use std::time::Duration;

use http::{StatusCode, header};
use vestibule::{
    model::{AppError, EndReason, FormOutcome, Rejection, ReturnTo, SessionEvent, SessionState, Strength},
    words::{self, Problem},
};

use crate::support::{ALICE, Actor, TestApp, TestResponse, WRONG_PASSWORD};

/// The outcome in a response to a form.
fn outcome(response: &TestResponse) -> FormOutcome {
    assert_eq!(response.status, StatusCode::OK, "{}", response.text());
    assert_eq!(response.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(response.header(header::CACHE_CONTROL), "no-store, no-transform");
    response.json()
}

#[tokio::test]
async fn a_sign_in_is_accepted_with_a_return_address() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", "/?tab=2")];
    let response = app.anon().call("/api/sign_in", &fields).await;
    let next = ReturnTo::parse("/?tab=2").expect("a path");
    assert_eq!(outcome(&response), FormOutcome::Accepted { next, signed_in: true });
}

#[tokio::test]
async fn a_hostile_return_address_becomes_the_home_page() {
    let app = TestApp::start().await;
    app.alice().await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: id=1"] {
        let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", next)];
        let response = app.anon().call("/api/sign_in", &fields).await;
        assert_eq!(outcome(&response), FormOutcome::accepted_to(None).signed_in(), "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_have_the_same_outcome() {
    let app = TestApp::start().await;
    app.alice().await;
    for email in [ALICE.email, "nobody@example.org"] {
        let fields = [("email", email), ("password", WRONG_PASSWORD)];
        let response = app.anon().call("/api/sign_in", &fields).await;
        let rejection = Rejection::form(words::problem("", Problem::IncorrectCredentials));
        assert_eq!(outcome(&response), FormOutcome::Rejected(rejection), "{email}");
    }
}

#[tokio::test]
async fn all_problems_are_returned_at_once() {
    let app = TestApp::start().await;
    let fields = [("name", " "), ("email", "nonsense"), ("password", "")];
    let response = app.anon().call("/api/register", &fields).await;
    let mut rejection = Rejection::field("name", "Enter your name.");
    rejection.add("email", "Enter an email address like name@example.org.");
    rejection.add("password", "Enter a password.");
    assert_eq!(outcome(&response), FormOutcome::Rejected(rejection));
}

#[tokio::test]
async fn a_taken_email_is_rejected() {
    let app = TestApp::start().await;
    app.alice().await;
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", WRONG_PASSWORD)];
    let response = app.anon().call("/api/register", &fields).await;
    let taken = Rejection::field("email", "There is already an account with this email address.");
    assert_eq!(outcome(&response), FormOutcome::Rejected(taken));
}

#[tokio::test]
async fn concurrent_registrations_of_one_email_create_one_account() {
    let app = TestApp::start().await;
    let (first, second) = (app.anon(), app.anon());
    let fields = |password| [("name", ALICE.name), ("email", ALICE.email), ("password", password)];
    let (one, other) = (fields(ALICE.password), fields(WRONG_PASSWORD));
    let (one, other) = tokio::join!(first.call("/api/register", &one), second.call("/api/register", &other));
    let accepted = [outcome(&one), outcome(&other)]
        .into_iter()
        .filter(|outcome| matches!(outcome, FormOutcome::Accepted { .. }))
        .count();
    assert_eq!(accepted, 1);
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test]
async fn functions_without_a_session_return_401() {
    let app = TestApp::start().await;
    for function in ["/api/rename", "/api/sign_out"] {
        let response = app.anon().call(function, &[("name", "x")]).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{function}");
        assert_eq!(response.json::<AppError>(), AppError::SignInRequired);
    }
}

#[tokio::test]
async fn a_sign_out_is_accepted_with_a_return_address() {
    let app = TestApp::start().await;
    let response = app.alice().await.call("/api/sign_out", &[]).await;
    assert_eq!(outcome(&response), FormOutcome::accepted("/login"));
}

#[tokio::test]
async fn password_strength_is_open_to_visitors() {
    let app = TestApp::start().await;
    let rate = async |password| app.anon().call("/api/rate_password", &[("password", password)]).await;
    assert_eq!(rate("password1").await.json::<Option<Strength>>(), Some(Strength::Trivial));
    assert_eq!(rate("correct horse battery staple").await.json::<Option<Strength>>(), Some(Strength::Strong));
}

#[tokio::test]
async fn reading_the_session_status_does_not_extend_the_idle_timeout() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let status = async |actor: &Actor| actor.call("/api/session_status", &[]).await.json::<SessionEvent>();
    let before = status(&alice).await.times.expect("times");
    app.clock.advance(Duration::from_mins(90));
    let event = status(&alice).await;
    let times = event.times.expect("times");
    assert_eq!(event.state, SessionState::Live);
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
async fn a_scripted_rejection_does_not_replace_the_one_of_the_page() {
    let app = TestApp::start().await;
    let anon = app.anon();
    anon.fail_to_sign_in(ALICE.email).await;
    anon.call("/api/sign_in", &[("email", ALICE.email), ("password", WRONG_PASSWORD)]).await;
    anon.get("/login").await.shows(ALICE.email);
}
