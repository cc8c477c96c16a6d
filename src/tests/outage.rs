//! A store that does not answer is not a sign-out.

use http::{Method, StatusCode, header};

use crate::support::{ALICE, TestApp};

#[tokio::test]
async fn pages_for_anybody_are_shown_without_a_store() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.state.db.close().await;
    for visitor in [app.anon(), alice] {
        for path in ["/login", "/register"] {
            let answer = visitor.get(path).await;
            answer.shows("<form");
            assert_eq!(answer.set_cookies(), [""; 0], "{path}");
        }
    }
}

#[tokio::test]
async fn protected_pages_are_not_available_without_a_store_and_the_cookie_stays() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.state.db.close().await;

    let answer = alice.get("/").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header(header::RETRY_AFTER).is_empty());
    assert!(answer.header(header::CONTENT_TYPE).starts_with("text/html"));
    assert!(answer.text().contains("Not available right now"), "{}", answer.text());
    assert!(!answer.text().contains(ALICE.name));
    assert_eq!(answer.set_cookies(), [""; 0]);

    let answer = alice.ask(Method::GET, "/").accept("*/*").send().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.text().contains('<'), "{}", answer.text());
}

#[tokio::test]
async fn functions_say_that_they_are_not_available_and_the_cookie_stays() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.state.db.close().await;
    let who = [("email", ALICE.email), ("password", ALICE.password), ("name", ALICE.name)];
    for function in ["/api/sign_out", "/api/home", "/api/sign_in", "/api/register"] {
        for visitor in [&alice, &app.anon()] {
            let answer = visitor.call(function, &who).await;
            let refused = visitor.cookie().is_none() && ["/api/sign_out", "/api/home"].contains(&function);
            let expected = if refused { r#""SignInRequired""# } else { r#""Unavailable""# };
            assert_eq!(answer.text(), expected, "{function}");
            assert_eq!(answer.set_cookies(), [""; 0], "{function}");
        }
    }
    let answer = alice.sign_out().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header(header::RETRY_AFTER).is_empty());
    assert_eq!(answer.set_cookies(), [""; 0], "still signed in, and told so");
}

#[tokio::test]
async fn everybody_is_still_signed_in_when_the_store_is_back() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.state.db.close().await;
    for path in ["/", "/login"] {
        alice.get(path).await;
    }
    alice.sign_out().await;
    let app = app.restart().await;
    alice.moved_to(&app).is_signed_in().await;
}

#[tokio::test]
async fn probes_tell_a_process_that_is_up_from_one_that_is_ready() {
    let app = TestApp::start().await;
    let probe = app.anon();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(probe.get(path).await.text(), "ok\n", "{path}");
    }
    app.state.db.close().await;
    assert_eq!(probe.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(probe.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn what_needs_no_store_does_not_ask_one() {
    let app = TestApp::start().await;
    app.state.db.close().await;
    app.anon().get("/").await.leads_to("/login?next=%2F");
    assert_eq!(app.anon().get("/robots.txt").await.status, StatusCode::OK);
    let garbage = app.anon().with_cookie(Some(format!("id={}", "A".repeat(66))));
    garbage.get("/").await.leads_to("/login?next=%2F");
}
