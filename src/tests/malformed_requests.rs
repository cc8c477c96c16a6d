//! Requests that no HTTP client would send.

use crate::support::{ALICE, TestApp, status};

/// Sends these bytes and returns what the server said until it closed.
async fn exchange(app: &TestApp, request: impl AsRef<[u8]>) -> String {
    let mut connection = app.connect().await;
    connection.send(request).await;
    connection.read_to_end().await
}

/// Sends these bytes, hangs up, and returns what the server said all the same.
async fn break_off(app: &TestApp, request: impl AsRef<[u8]>) -> String {
    let mut connection = app.connect().await;
    connection.send(request).await;
    connection.close_write().await;
    connection.read_to_end().await
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
}

async fn still_serves(app: &TestApp) {
    app.alice().await.is_signed_in().await;
}

#[tokio::test]
async fn strange_paths_lead_nowhere() {
    let app = TestApp::start().await;
    let paths = [
        "/%00",
        "/%ff",
        "/%c0%ae%c0%ae/etc/passwd",
        "//",
        "//evil.example",
        "/..%2f..%2fetc/passwd",
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/data/secret.key",
        "/pkg/../../data/secret.key",
        "/pkg/..%2f..%2fdata%2fsecret.key",
        "/pkg/",
        "/pkg",
        "/%zz",
        "/%",
        "/LOGIN",
        "/login%00",
        "/<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/?a=<script>alert(1)</script>",
        "/\\..\\..",
        "/;/login",
        "*",
        "http://evil.example/",
        "nonsense",
    ];
    for path in paths {
        let answer = exchange(&app, get(path)).await;
        let status = status(&answer);
        let sent_to_sign_in = status == 303 && answer.contains("\r\nlocation: /login?next=%2F");
        assert!((400..500).contains(&status) || sent_to_sign_in, "{path}: {answer}");
        assert!(!answer.contains("<script>alert"), "{path} is echoed: {answer}");
        assert!(!answer.contains("root:"), "{path} is a file: {answer}");
    }
    still_serves(&app).await;
}

#[tokio::test]
async fn a_path_or_a_head_that_is_too_long_is_refused() {
    let app = TestApp::start().await;
    for length in [2_000, 10_000, 30_000, 31_000, 60_000, 70_000, 200_000] {
        let answer = exchange(&app, get(&format!("/{}", "a".repeat(length)))).await;
        assert!([404, 414, 431].contains(&status(&answer)), "{length}: {answer}");
    }
    let answer = exchange(&app, get(&format!("/ HTTP/1.1\r\nX-Long: {}\r\nX: ", "a".repeat(100_000)))).await;
    assert_eq!(status(&answer), 431, "{answer}");
    still_serves(&app).await;
}

#[tokio::test]
async fn heads_that_make_no_sense_are_a_bad_request() {
    let app = TestApp::start().await;
    let heads: [&[u8]; 8] = [
        b"\r\n\r\n\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
        b"POST /api/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/sign_in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc",
        b"POST /api/sign_in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n",
    ];
    for head in heads {
        let answer = exchange(&app, head).await;
        assert_eq!(status(&answer), 400, "{answer}");
    }
    still_serves(&app).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_fault_and_does_nothing() {
    let app = TestApp::start().await;
    for accept in ["text/html", "application/json"] {
        let form = format!("name=M&email=m%40example.org&password={}", "long+enough");
        let length = form.len() + 100;
        let request = format!(
            "POST /api/register HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        let answer = break_off(&app, request).await;
        // Nobody listens any more; what is said, if anything, is that the request was bad.
        assert!(answer.is_empty() || (400..500).contains(&status(&answer)), "{answer}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
    still_serves(&app).await;
}

#[tokio::test]
async fn a_chunked_body_that_breaks_off_is_no_fault_either() {
    let app = TestApp::start().await;
    for tail in ["5\r\nemail\r\n", "5\r\nema", "zz\r\n", "FFFFFFFFFFFFFFFF1\r\n"] {
        let request = format!(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n\r\n{tail}"
        );
        let answer = break_off(&app, request).await;
        assert!(answer.is_empty() || (400..500).contains(&status(&answer)), "{tail:?}: {answer}");
    }
    still_serves(&app).await;
}

#[tokio::test]
async fn a_megabyte_of_password_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection.send(
        "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\nemail=x&password=",
    )
    .await;
    let head = connection.read_head().await;
    assert_eq!(status(&head), 413, "{head}");
    assert!(head.contains("text/html"), "{head}");
    still_serves(&app).await;
}

#[tokio::test]
async fn a_megabyte_in_chunks_is_refused_when_it_is_too_much() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection.send(
        "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n",
    )
    .await;
    let chunk = format!("8000\r\n{}\r\n", "a".repeat(0x8000));
    for _ in 0..3 {
        connection.send(&chunk).await;
    }
    let head = connection.read_head().await;
    // LiveSession out while the body is read, by which time it is one that cannot be read.
    assert!([400, 413].contains(&status(&head)), "{head}");
    still_serves(&app).await;
}

#[tokio::test]
async fn a_browser_that_sends_a_megabyte_reads_why_not() {
    let app = TestApp::start().await;
    let password = "p".repeat(1_000_000);
    for _ in 0..10 {
        let fields = [("email", ALICE.email), ("password", password.as_str())];
        let answer = app.anon().post("/api/sign_in", &fields).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("That is too much"), "{}", answer.text());
    }
    still_serves(&app).await;
}
