//! Graceful shutdown.

use std::{
    fs,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, raw_sql, sqlite::SqliteConnectOptions};
use vestibule::server::db::Dialect;

use crate::support::{ALICE, Installation, RawConnection, Stores, TestApp, encode, status};

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
async fn what_is_no_request_yet_does_not_delay_shutdown() {
    let app = TestApp::start().await;
    let (mut unused, mut half, mut second) = (app.connect().await, app.connect().await, app.connect().await);
    half.send("GET / HTTP/1.1\r\nHost: loc").await;
    second.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HT").await;
    assert_eq!(status(&second.read_head().await), 200);
    let began = Instant::now();
    app.stop.cancel();
    assert_eq!(unused.read_to_end().await, "");
    assert_eq!(half.read_to_end().await, "");
    assert_eq!(second.read_to_end().await, "ok\n");
    app.wait_until_stopped().await;
    assert!(began.elapsed() < Duration::from_secs(2), "after {:?}", began.elapsed());
}

/// Docker kills after ten seconds.
#[test]
fn stopping_takes_eight_seconds_at_most() {
    let http = Installation::on(Stores::chosen()).config.http;
    assert_eq!(http.shutdown_timeout, Duration::from_secs(8));
}

#[tokio::test]
async fn slow_clients_delay_shutdown_by_no_more_than_the_timeout() {
    let shutdown_timeout = Duration::from_millis(600);
    let app = TestApp::start_with(|config| config.http.shutdown_timeout = shutdown_timeout).await;
    fs::write(app.site_root().join("large.bin"), vec![0; 32 << 20]).expect("a file");
    let mut body = start_sign_in(&app, "email=x").await;
    let mut reader = app.connect().await;
    reader.send("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&reader.read_head().await), 200);
    let began = Instant::now();
    app.stop.cancel();
    app.wait_until_stopped().await;
    assert!(began.elapsed() < shutdown_timeout, "after {:?}", began.elapsed());
    assert_eq!(body.read_to_end().await, "");
}

#[tokio::test]
async fn a_locked_database_delays_shutdown_by_no_more_than_the_timeout() {
    let shutdown_timeout = Duration::from_secs(1);
    let installation = Installation::on_empty(Dialect::Sqlite);
    let app = TestApp::start_in(installation, |config| config.http.shutdown_timeout = shutdown_timeout).await;
    let options = SqliteConnectOptions::new().filename(app.data_dir().join("vestibule.db"));
    let mut other = options.connect().await.expect("a database");
    raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("locked");
    let began = Instant::now();
    app.stop.cancel();
    app.wait_until_stopped().await;
    assert!(began.elapsed() < shutdown_timeout, "after {:?}", began.elapsed());
}
