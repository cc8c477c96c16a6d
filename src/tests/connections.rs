//! Slow clients and too many of them.

use std::{
    fs,
    time::{Duration, Instant},
};

use tokio::time::{sleep, timeout};
use vestibule::{model::SessionState, server::config::HttpConfig};

use crate::support::{ALICE, Actor, Installation, RawConnection, Stores, TestApp, status};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const HALF_A_HEAD: &str = "GET /healthz HTTP/1.1\r\nHost: loc";
const POST: &str =
    "POST /api/sign_in HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nContent-Length: 60000\r\n\r\nemail=";
const GET_LARGE: &str = "GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Larger than the socket buffers of both sides.
const LARGE: usize = 16 << 20;
const SHORT: Duration = Duration::from_millis(200);
/// Long enough for a response that is not delayed.
const SHORT_WAIT: Duration = Duration::from_millis(300);
/// Less than any timeout that is not set by a test.
const AT_ONCE: Duration = Duration::from_secs(5);

async fn start_with(change: impl FnOnce(&mut HttpConfig)) -> TestApp {
    TestApp::start_with(|config| change(&mut config.http)).await
}

async fn with_short_header_timeout() -> TestApp {
    start_with(|http| http.header_timeout = SHORT).await
}

/// With a file that does not fit into the buffers of a connection.
async fn with_large_file(change: impl FnOnce(&mut HttpConfig)) -> TestApp {
    let app = start_with(change).await;
    fs::write(app.site_root().join("large.bin"), vec![0; LARGE]).expect("a file");
    app
}

/// Asks for something, and leaves the connection idle.
async fn idle(app: &TestApp) -> RawConnection {
    let mut connection = app.connect().await;
    assert!(is_served(&mut connection).await);
    connection
}

/// False if the server closes the connection instead.
async fn is_served(connection: &mut RawConnection) -> bool {
    connection.send(GET).await;
    let response = connection.read_some().await;
    response.is_some_and(|response| status(&response) == 200)
}

#[test]
fn idle_connections_live_longer_than_those_of_load_balancers() {
    let http = Installation::on(Stores::chosen()).config.http;
    assert_eq!(http.idle_timeout, Duration::from_secs(75));
    assert!(http.header_timeout < http.idle_timeout);
}

#[tokio::test]
async fn an_incomplete_head_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    let began = Instant::now();
    connection.send(HALF_A_HEAD).await;
    assert_eq!(connection.read_to_end().await, "");
    assert!(began.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn an_incomplete_head_after_a_response_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = idle(&app).await;
    let began = Instant::now();
    connection.send(HALF_A_HEAD).await;
    assert_eq!(connection.read_to_end().await, "");
    assert!(began.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn a_slow_head_times_out() {
    let app = with_short_header_timeout().await;
    let mut connection = app.connect().await;
    connection.send("GET / HTTP/1.1\r\n").await;
    connection.trickle("X: y\r\n").await;
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_for_a_head() {
    let app = with_short_header_timeout().await;
    let (mut unused, mut used) = (app.connect().await, idle(&app).await);
    sleep(2 * SHORT).await;
    assert!(is_served(&mut unused).await);
    assert!(is_served(&mut used).await);
}

#[tokio::test]
async fn an_idle_connection_times_out() {
    let app = start_with(|http| http.idle_timeout = SHORT).await;
    let began = Instant::now();
    let (mut unused, mut used) = (app.connect().await, idle(&app).await);
    assert_eq!(unused.read_to_end().await, "");
    assert_eq!(used.read_to_end().await, "");
    assert!(began.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn a_missing_body_times_out() {
    let app = start_with(|http| http.request_timeout = SHORT).await;
    let mut connection = app.connect().await;
    connection.send(POST).await;
    let head = connection.read_head().await;
    assert_eq!(status(&head), 408, "{head}");
}

#[tokio::test]
async fn a_slow_body_is_cut_off() {
    let app = start_with(|http| (http.min_rate, http.min_rate_window) = (10_000, SHORT)).await;
    let mut connection = app.connect().await;
    let began = Instant::now();
    connection.send(POST).await;
    connection.trickle("slowly").await;
    assert!(began.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn a_client_that_does_not_read_the_response_is_cut_off() {
    let app = with_large_file(|http| http.min_rate_window = SHORT).await;
    let mut connection = app.connect().await;
    let began = Instant::now();
    connection.send(GET_LARGE).await;
    // What is sent while the response is not read goes nowhere.
    connection.trickle("\r\n").await;
    assert!(began.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn a_slow_reader_is_cut_off() {
    let app = with_large_file(|http| (http.min_rate, http.min_rate_window) = (u32::MAX, SHORT)).await;
    let mut connection = app.connect().await;
    connection.send(GET_LARGE).await;
    let received = connection.read_slowly(256 << 10).await;
    assert!(received < LARGE, "{received}");
}

#[tokio::test]
async fn a_reader_that_is_fast_enough_gets_everything() {
    let app = with_large_file(|http| http.min_rate_window = SHORT_WAIT).await;
    let mut connection = app.connect().await;
    connection.send(GET_LARGE).await;
    let received = connection.read_slowly(1 << 20).await;
    assert!(received > LARGE, "{received}");
}

#[tokio::test]
async fn an_event_stream_is_never_too_slow() {
    let app = start_with(|http| {
        (http.min_rate, http.min_rate_window) = (10_000, SHORT);
        (http.header_timeout, http.idle_timeout) = (SHORT, SHORT);
    })
    .await;
    let alice = app.alice().await;
    let mut stream = alice.listen().await.expect("a stream");
    assert_eq!(stream.state().await, SessionState::Live);
    sleep(4 * SHORT).await;
    alice.copy().sign_out().await;
    assert!(matches!(stream.state().await, SessionState::Ended { .. }));
}

#[tokio::test]
async fn a_further_connection_takes_the_place_of_the_one_that_is_idle_longest() {
    let app = start_with(|http| http.max_connections = 2).await;
    let (mut oldest, mut other) = (idle(&app).await, idle(&app).await);
    let mut further = app.connect().await;
    assert!(is_served(&mut further).await);
    assert_eq!(oldest.read_to_end().await, "");
    assert!(is_served(&mut other).await);
}

/// Opens an event stream, which occupies a connection that is not idle.
async fn busy_connection(app: &TestApp) -> (Actor, crate::support::EventStream) {
    let alice = app.anon();
    alice.register(ALICE).await;
    let stream = alice.listen().await.expect("a stream");
    (alice, stream)
}

#[tokio::test]
async fn further_connections_wait_while_all_are_busy() {
    let app = start_with(|http| http.max_connections = 1).await;
    let busy = busy_connection(&app).await;
    let mut further = app.connect().await;
    further.send(GET).await;
    timeout(SHORT_WAIT, further.read_head()).await.expect_err("the stream occupies the only place");
    drop(busy);
    assert_eq!(status(&further.read_head().await), 200);
}

#[tokio::test]
async fn slow_clients_make_room() {
    let app = with_large_file(|http| http.max_connections = 3).await;
    let alice = app.anon();
    alice.register(ALICE).await;
    let cookie = alice.cookie().expect("a cookie");
    drop(alice);
    let (mut head, mut body, mut reader) = (app.connect().await, app.connect().await, app.connect().await);
    head.send(HALF_A_HEAD).await;
    body.send(POST).await;
    reader.send(GET_LARGE).await;
    let began = Instant::now();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = app.connect().await;
        stream.send(format!("GET /session/events HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n")).await;
        assert_eq!(status(&stream.read_head().await), 200);
        streams.push(stream);
    }
    assert!(began.elapsed() < AT_ONCE, "after {:?}", began.elapsed());
    assert_eq!(head.read_to_end().await, "");
    assert_eq!(body.read_to_end().await, "");
    assert!(reader.read_to_end().await.len() < LARGE);
}

#[tokio::test]
async fn one_address_does_not_take_all_connections() {
    let app = start_with(|http| http.max_connections_per_address = 2).await;
    let _busy = busy_connection(&app).await;
    let mut second = idle(&app).await;
    let mut third = app.connect().await;
    assert!(is_served(&mut third).await, "in the place of the idle one");
    assert_eq!(second.read_to_end().await, "");

    let mut elsewhere = app.connect_from([127, 0, 0, 2]).await;
    assert!(is_served(&mut elsewhere).await);
    assert!(is_served(&mut third).await, "another address takes no place of this one");
}

#[tokio::test]
async fn an_address_with_too_many_busy_connections_is_refused() {
    let app = start_with(|http| http.max_connections_per_address = 1).await;
    let _busy = busy_connection(&app).await;
    assert_eq!(app.connect().await.read_to_end().await, "");
    let mut elsewhere = app.connect_from([127, 0, 0, 2]).await;
    assert!(is_served(&mut elsewhere).await);
}

#[tokio::test]
async fn a_trusted_proxy_may_have_many_connections() {
    let app = start_with(|http| {
        http.max_connections_per_address = 1;
        http.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let _busy = busy_connection(&app).await;
    let (mut second, mut third) = (idle(&app).await, idle(&app).await);
    assert!(is_served(&mut second).await && is_served(&mut third).await);
}
