//! Graceful shutdown.

use crate::support::{ALICE, RawConnection, TestApp, encode, status};

/// Sends the head of a sign-in and waits until the server asks for the body, so that the request is
/// in progress.
async fn start_sign_in(app: &TestApp, body: &str) -> RawConnection {
    let mut connection = app.connect().await;
    connection
        .send(format!(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ))
        .await;
    assert_eq!(status(&connection.read_head().await), 100);
    connection
}

/// Waits until the server refuses connections.
async fn until_connections_are_refused(app: &TestApp) {
    while RawConnection::connect(app.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_request_in_progress_gets_its_response() {
    let app = TestApp::start().await;
    app.alice().await;
    let body = encode(&[("email", ALICE.email), ("password", ALICE.password)]);
    let mut connection = start_sign_in(&app, &body).await;

    app.stop.cancel();
    until_connections_are_refused(&app).await;
    connection.send(body).await;

    let response = connection.read_to_end().await;
    assert_eq!(status(&response), 303, "{response}");
    assert!(response.contains("\r\nset-cookie: id_3000="), "{response}");
    app.wait_until_stopped().await;
}

#[tokio::test]
async fn a_sign_in_during_shutdown_is_stored() {
    let app = TestApp::start().await;
    app.alice().await;
    let body = encode(&[("email", ALICE.email), ("password", ALICE.password)]);
    let mut connection = start_sign_in(&app, &body).await;
    app.stop.cancel();
    connection.send(body).await;
    let response = connection.read_to_end().await;
    let cookie =
        response.split("set-cookie: ").nth(1).and_then(|line| line.split(';').next()).expect("a cookie");

    let app = app.restart().await;

    app.anon().with_cookie(Some(cookie.to_owned())).is_signed_in().await;
}

#[tokio::test]
async fn idle_connections_do_not_delay_shutdown() {
    let app = TestApp::start().await;
    let mut idle = app.connect().await;
    idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&idle.read_head().await), 200);
    app.stop.cancel();
    assert_eq!(idle.read_to_end().await, "ok\n");
    app.wait_until_stopped().await;
}

#[tokio::test]
async fn a_request_that_does_not_finish_times_out() {
    let shutdown_timeout = std::time::Duration::from_millis(200);
    let app = TestApp::start_with(|config| config.http.shutdown_timeout = shutdown_timeout).await;
    let _connection = start_sign_in(&app, "email=x").await;
    app.stop.cancel();
    app.wait_until_stopped().await;
}
