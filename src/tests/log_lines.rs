//! A request logs at most one line, so that clients cannot flood the log.

use std::{cell::Cell, time::Duration};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

use crate::support::{ALICE, TestApp};

thread_local! {
    /// Lines logged by this thread, on which both the test and its server run.
    static LINES: Cell<usize> = const { Cell::new(0) };
}

/// Counts the lines that are logged by default.
struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::INFO {
            LINES.set(LINES.get() + 1);
        }
    }
}

fn post(body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST /api/sign_in HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nContent-Length: {length}\r\n");
    [head.as_bytes(), b"Connection: close\r\n\r\n", body].concat()
}

#[tokio::test]
async fn a_request_logs_at_most_one_line() {
    // Global, because a subscriber of one thread misses callsites that other threads registered first.
    tracing_subscriber::registry().with(Counter).init();
    let app = TestApp::start().await;
    LINES.set(0); // starting may log something, too
    // The tests ask for 127.0.0.1, and public_url is localhost.
    for (lines, elapsed) in [(2, 0), (1, 0), (1, 3599), (2, 1)] {
        app.clock.advance(Duration::from_secs(elapsed));
        app.anon().get("/login").await;
        assert_eq!(LINES.replace(0), lines, "another address than public_url is told of once an hour");
    }
    let alice = app.alice().await;
    assert_eq!(LINES.replace(0), 1, "the registration is counted");

    let wrong_password = format!("email={}&password=wrong", ALICE.email);
    let requests: [Vec<u8>; 13] = [
        post(wrong_password.as_bytes()),
        post(b""),
        post(b"email=%FF&password=%FF"),
        post(b"email=\xff"),
        post(b"email=a&password=%00"),
        post(&vec![b'a'; 70_000]),
        post(b"email[a][b]=c"),
        [&post(b"email=x")[..], b"GET"].concat(),
        b"POST /api/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: id_3000=forged\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"nonsense\r\n\r\n".to_vec(),
    ];
    for request in requests {
        let mut connection = app.connect().await;
        connection.send(&request).await;
        connection.read_to_end().await;
        let (lines, request) = (LINES.replace(0), String::from_utf8_lossy(&request[..40.min(request.len())]));
        assert!(lines <= 1, "{lines} lines for {request}");
    }

    assert!(app.damage_sessions(&[("data", "no JSON")]).await);
    alice.get("/").await.leads_to("/login?next=%2F");
    assert_eq!(LINES.replace(0), 2, "one for the request, one for the unreadable session");

    let mut connection = app.connect().await;
    connection.send("POST /api/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nemail=x").await;
    connection.close_write().await;
    connection.read_to_end().await;
    let lines = LINES.replace(0);
    assert!(lines <= 1, "{lines} lines for a truncated body");
}
