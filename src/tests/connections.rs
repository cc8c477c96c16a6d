//! Slow clients and too many of them.

use std::{fs, time::Duration};

use tokio::time::timeout;

use crate::support::{RawConnection, TestApp, status};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Long enough for a response that is not delayed.
const SHORT_WAIT: Duration = Duration::from_millis(300);

async fn with_short_header_timeout() -> TestApp {
    TestApp::start_with(|config| config.http.header_timeout = Duration::from_millis(200)).await
}

#[tokio::test]
async fn an_incomplete_head_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    connection.send("GET / HTTP/1.1\r\nHost: loc").await;
    let response = connection.read_to_end().await;
    assert!(response.is_empty() || status(&response) == 408, "{response}");
}

#[tokio::test]
async fn a_connection_without_a_request_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    assert_eq!(connection.read_to_end().await, "");
}

#[tokio::test]
async fn an_idle_connection_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    connection.send(GET).await;
    let response = connection.read_to_end().await;
    assert_eq!(status(&response), 200, "{response}");
}

#[tokio::test]
async fn a_slow_head_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    connection.send("GET / HTTP/1.1\r\n").await;
    connection.trickle("X: y\r\n").await;
}

#[tokio::test]
async fn a_missing_body_times_out() {
    let app = TestApp::start_with(|config| config.http.request_timeout = Duration::from_millis(200)).await;
    let mut connection = app.connect().await;
    connection
        .send("POST /api/sign_in HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nContent-Length: 99\r\n\r\nemail")
        .await;
    let head = connection.read_head().await;
    assert_eq!(status(&head), 408, "{head}");
}

#[tokio::test]
async fn a_client_that_does_not_read_the_response_times_out() {
    let app = TestApp::start_with(|config| {
        config.http.max_connections = 1;
        config.http.request_timeout = Duration::from_millis(200);
    })
    .await;
    // Larger than the socket buffers of both sides.
    fs::write(app.site_root().join("large.bin"), vec![0; 32 << 20]).expect("a file");
    let mut stalled = app.connect().await;
    stalled.send("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&stalled.read_head().await), 200);

    let mut next = app.connect().await;
    next.send(GET).await;
    assert_eq!(status(&next.read_head().await), 200, "the slot is free again");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let app = TestApp::start_with(|config| config.http.max_connections = 1).await;
    let mut first = app.connect().await;
    first.send(GET).await;
    assert_eq!(status(&first.read_head().await), 200);

    let mut second: RawConnection = app.connect().await;
    second.send(GET).await;
    timeout(SHORT_WAIT, second.read_head()).await.expect_err("the first connection occupies the only slot");

    drop(first);
    assert_eq!(status(&second.read_head().await), 200);
}
