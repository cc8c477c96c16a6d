//! Stopping finishes what is under way.

use crate::support::{ALICE, TestApp, RawConnection, encode, status};

/// Sends the head of a sign-in and waits until the server asks for its body: from here on the
/// request is under way.
async fn begin_sign_in(app: &TestApp, body: &str) -> RawConnection {
    let mut connection = app.connect().await;
    connection.send(format!(
        "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ))
    .await;
    assert_eq!(status(&connection.read_head().await), 100);
    connection
}

/// Waits until nobody listens any more.
async fn is_refused(app: &TestApp) {
    while RawConnection::connect(app.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_sign_in_under_way_still_gets_its_answer() {
    let app = TestApp::start().await;
    app.alice().await;
    let body = encode(&[("email", ALICE.email), ("password", ALICE.password)]);
    let mut connection = begin_sign_in(&app, &body).await;

    app.stop.cancel();
    is_refused(&app).await;
    connection.send(body).await;

    let answer = connection.read_to_end().await;
    assert_eq!(status(&answer), 303, "{answer}");
    assert!(answer.contains("\r\nset-cookie: id="), "{answer}");
    app.wait_until_stopped().await;
}

#[tokio::test]
async fn what_was_answered_while_stopping_is_kept() {
    let app = TestApp::start().await;
    app.alice().await;
    let body = encode(&[("email", ALICE.email), ("password", ALICE.password)]);
    let mut connection = begin_sign_in(&app, &body).await;
    app.stop.cancel();
    connection.send(body).await;
    let answer = connection.read_to_end().await;
    let cookie =
        answer.split("set-cookie: ").nth(1).and_then(|line| line.split(';').next()).expect("a cookie");

    let app = app.restart().await;

    app.anon().with_cookie(Some(cookie.to_owned())).is_signed_in().await;
}

#[tokio::test]
async fn connections_without_a_request_do_not_hold_it_up() {
    let app = TestApp::start().await;
    let mut idle = app.connect().await;
    idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&idle.read_head().await), 200);
    app.stop.cancel();
    assert_eq!(idle.read_to_end().await, "ok\n");
    app.wait_until_stopped().await;
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_not_waited_for_for_ever() {
    let patience = std::time::Duration::from_millis(200);
    let app = TestApp::start_with(|config| config.http.shutdown_timeout = patience).await;
    let _wire = begin_sign_in(&app, "email=x").await;
    app.stop.cancel();
    app.wait_until_stopped().await;
}
