//! Slow clients and too many of them.

use std::{fs, time::Duration};

use tokio::time::timeout;

use crate::support::{TestApp, RawConnection, status};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Long enough for an answer that is not held back.
const MOMENT: Duration = Duration::from_millis(300);

async fn impatient() -> TestApp {
    TestApp::start_with(|config| config.http.header_timeout = Duration::from_millis(200)).await
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let app = impatient().await;
    let mut connection = app.connect().await;
    connection.send("GET / HTTP/1.1\r\nHost: loc").await;
    let answer = connection.read_to_end().await;
    assert!(answer.is_empty() || status(&answer) == 408, "{answer}");
}

#[tokio::test]
async fn one_who_says_nothing_is_not_waited_for() {
    let app = impatient().await;
    let mut connection = app.connect().await;
    assert_eq!(connection.read_to_end().await, "");
}

#[tokio::test]
async fn one_who_says_nothing_more_is_not_waited_for() {
    let app = impatient().await;
    let mut connection = app.connect().await;
    connection.send(GET).await;
    let answer = connection.read_to_end().await;
    assert_eq!(status(&answer), 200, "{answer}");
}

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let app = impatient().await;
    let mut connection = app.connect().await;
    connection.send("GET / HTTP/1.1\r\n").await;
    connection.trickle("X: y\r\n").await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let app = TestApp::start_with(|config| config.http.request_timeout = Duration::from_millis(200)).await;
    let mut connection = app.connect().await;
    connection.send("POST /api/sign_in HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nContent-Length: 99\r\n\r\nemail")
        .await;
    let head = connection.read_head().await;
    assert_eq!(status(&head), 408, "{head}");
}

#[tokio::test]
async fn one_who_does_not_read_the_answer_is_not_waited_for() {
    let app = TestApp::start_with(|config| {
        config.http.max_connections = 1;
        config.http.request_timeout = Duration::from_millis(200);
    })
    .await;
    // More than the buffers of both sides hold.
    fs::write(app.site_root().join("large.bin"), vec![0; 32 << 20]).expect("a file");
    let mut greedy = app.connect().await;
    greedy.send("GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status(&greedy.read_head().await), 200);

    let mut next = app.connect().await;
    next.send(GET).await;
    assert_eq!(status(&next.read_head().await), 200, "the place is free again");
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_their_turn() {
    let app = TestApp::start_with(|config| config.http.max_connections = 1).await;
    let mut first = app.connect().await;
    first.send(GET).await;
    assert_eq!(status(&first.read_head().await), 200);

    let mut second: RawConnection = app.connect().await;
    second.send(GET).await;
    timeout(MOMENT, second.read_head()).await.expect_err("the first still holds the only place");

    drop(first);
    assert_eq!(status(&second.read_head().await), 200);
}
