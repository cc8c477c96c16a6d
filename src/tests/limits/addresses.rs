//! What an address may do.

use std::time::Duration;

use http::{Method, StatusCode, header};

use super::{
    HERE, MINUTE, ROWS, THERE, burst_of_two, call, guess, is_accepted, limits, register, sign_in, wait,
};
use crate::support::{ALICE, BOB, TestApp, WRONG_PASSWORD};

#[tokio::test]
async fn an_address_has_some_attempts_and_then_one_at_a_time() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let anon = app.anon();
    for (email, expected) in [("a@example.org", None), ("b@example.org", None), ("c@example.org", Some(10))] {
        assert_eq!(wait(&guess(&anon, HERE, email).await), expected, "{email}");
    }
    assert_eq!(wait(&guess(&anon, THERE, "c@example.org").await), None, "another address");
    app.clock.advance(Duration::from_secs(4));
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), Some(6));
    app.clock.advance(Duration::from_secs(6));
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), None);
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), Some(10));
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_address() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let anon = app.anon();
    for (from, expected) in [
        ("2001:db8:0:1::1", None),
        ("2001:db8:0:1:2:3:4:5", None),
        ("2001:db8:0:1:ffff::", Some(10)),
        ("2001:db8:0:2::1", None),
        (HERE, None),
        ("::ffff:203.0.113.9", None),
        (HERE, Some(10)),
    ] {
        assert_eq!(wait(&guess(&anon, from, "a@example.org").await), expected, "{from}");
    }
}

#[tokio::test]
async fn the_right_password_costs_an_address_nothing() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    register(&app, ALICE).await;
    for _ in 0..4 {
        is_accepted(&sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await);
    }
    assert_eq!(app.number(ROWS).await, 2, "that of the registration, and of the mails about new devices");
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    is_accepted(&sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(10), "the wrong ones stay counted");
}

#[tokio::test]
async fn registrations_from_an_address_are_limited() {
    let app = TestApp::start_with(limits(|limits| limits.register_burst = 2)).await;
    let register = async |from: &str, email: &str| {
        let fields = [("name", "Ada"), ("email", email), ("password", ALICE.password)];
        wait(&call(&app.anon(), from, "/api/register", &fields).await)
    };
    for (email, expected) in [("a@x", None), ("b@x", None), ("c@x", Some(180))] {
        assert_eq!(register(HERE, email).await, expected, "{email}");
    }
    assert_eq!(register(THERE, "c@x").await, None);
    app.clock.advance(3 * MINUTE);
    assert_eq!(register(HERE, "d@x").await, None);
}

#[tokio::test]
async fn an_address_that_guesses_to_confirm_is_limited_too() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let thief = app.anon().with_cookie(app.alice().await.cookie());
    for expected in [None, None, Some(10)] {
        let response = call(&thief, HERE, "/api/confirm", &[("password", WRONG_PASSWORD)]).await;
        assert_eq!(wait(&response), expected);
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, BOB.email).await), None, "signing in is counted apart");
}

#[tokio::test]
async fn requests_that_are_refused_as_those_of_another_site_count_too() {
    let few = limits(|limits| {
        (limits.requests_burst, limits.requests_interval) = (2, Duration::from_secs(100));
    });
    let app = TestApp::start_with(few).await;
    let anon = app.anon();
    let post = async |path: &str| {
        let request = anon.request(Method::POST, path).header("x-forwarded-for", HERE);
        request.header("sec-fetch-site", "cross-site").send().await.status
    };
    for expected in [StatusCode::FORBIDDEN, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS] {
        assert_eq!(post("/healthz").await, StatusCode::FORBIDDEN, "probes are not counted");
        assert_eq!(post("/api/sign_in").await, expected);
    }
}

#[tokio::test]
async fn requests_are_limited_before_a_session_is_read() {
    let few = limits(|limits| {
        (limits.requests_burst, limits.requests_interval) = (3, Duration::from_secs(100));
    });
    let app = TestApp::start_with(few).await;
    let anon = app.anon();
    let get = async |path: &str, from: &str| {
        anon.request(Method::GET, path).accept("text/html").header("x-forwarded-for", from).send().await
    };
    for _ in 0..3 {
        assert_eq!(get("/login", HERE).await.status, StatusCode::OK);
    }
    let usage = app.settled_usage().await;
    let refused = get("/login?next=%2Faccount", HERE).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(header::RETRY_AFTER), "100");
    assert!(
        refused.text().contains("Please wait <span>1:40 minutes</span>, then try again."),
        "{}",
        refused.text()
    );
    assert!(
        refused.text().contains("<a href=\"/login?next=%2Faccount\" class=\"button\">Try again</a>"),
        "{}",
        refused.text()
    );
    let events = anon.request(Method::GET, "/session/events").header("x-forwarded-for", HERE).send().await;
    assert_eq!(events.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(events.text(), "Too many attempts. Please wait 1:40 minutes, then try again.\n");
    assert_eq!(wait(&call(&anon, HERE, "/api/session_status", &[]).await), Some(100));
    assert_eq!(app.db().usage(), usage, "nothing was read");
    for path in ["/robots.txt", "/healthz", "/readyz", "/start.js"] {
        for _ in 0..5 {
            assert_eq!(get(path, HERE).await.status, StatusCode::OK, "{path}");
        }
    }
    assert_eq!(get("/login", THERE).await.status, StatusCode::OK, "another address");
}
