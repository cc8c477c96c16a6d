//! Strangers cannot fill the log: one line a request, whatever they send.

use std::cell::Cell;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

use crate::support::{ALICE, TestApp};

thread_local! {
    /// Lines logged by this thread. Each test has one, on which its server runs as well.
    static LINES: Cell<usize> = const { Cell::new(0) };
}

/// Counts what an operator would see by default.
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
async fn one_request_is_one_line_at_most() {
    // For the whole process: a subscriber of one thread misses what other threads met first.
    tracing_subscriber::registry().with(Counter).init();
    let app = TestApp::start().await;
    let alice = app.alice().await;
    assert_eq!(LINES.replace(0), 1, "the line of the registration is counted");

    let right = format!("email={}&password=wrong", ALICE.email);
    let requests: [Vec<u8>; 13] = [
        post(right.as_bytes()),
        post(b""),
        post(b"email=%FF&password=%FF"),
        post(b"email=\xff"),
        post(b"email=a&password=%00"),
        post(&vec![b'a'; 70_000]),
        post(b"email[a][b]=c"),
        [&post(b"email=x")[..], b"GET"].concat(),
        b"POST /api/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: id=forged\r\nConnection: close\r\n\r\n".to_vec(),
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

    sqlx::query("UPDATE sessions SET data = 'no JSON'")
        .execute(app.state.app.db.writer())
        .await
        .expect("damaged");
    alice.get("/").await.leads_to("/login?next=%2F");
    assert_eq!(LINES.replace(0), 2, "one for the request, one for the row that nobody can read");

    let mut connection = app.connect().await;
    connection.send("POST /api/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nemail=x").await;
    connection.close_write().await;
    connection.read_to_end().await;
    let lines = LINES.replace(0);
    assert!(lines <= 1, "{lines} lines for a body that breaks off");
}
