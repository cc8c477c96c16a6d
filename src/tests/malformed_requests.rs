//! Requests that no HTTP client would send.

use crate::support::{ALICE, TestApp, status};

/// Sends these bytes and returns everything that the server sends until it closes.
async fn exchange(app: &TestApp, request: impl AsRef<[u8]>) -> String {
    let mut connection = app.connect().await;
    connection.send(request).await;
    connection.read_to_end().await
}

/// Sends these bytes, closes the sending half, and returns the response.
async fn send_truncated(app: &TestApp, request: impl AsRef<[u8]>) -> String {
    let mut connection = app.connect().await;
    connection.send(request).await;
    connection.close_write().await;
    connection.read_to_end().await
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
}

/// Asserts that the server still works.
async fn still_works(app: &TestApp) {
    app.alice().await.is_signed_in().await;
}

#[tokio::test]
async fn invalid_paths_are_client_errors() {
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
        let response = exchange(&app, get(path)).await;
        let status = status(&response);
        let sent_to_sign_in = status == 303 && response.contains("\r\nlocation: /login?next=%2F");
        assert!((400..500).contains(&status) || sent_to_sign_in, "{path}: {response}");
        assert!(!response.contains("<script>alert"), "{path} is reflected: {response}");
        assert!(!response.contains("root:"), "{path} returned a file: {response}");
    }
    still_works(&app).await;
}

#[tokio::test]
async fn overlong_paths_and_heads_are_refused() {
    let app = TestApp::start().await;
    for length in [2_000, 10_000, 30_000, 31_000, 60_000, 70_000, 200_000] {
        let response = exchange(&app, get(&format!("/{}", "a".repeat(length)))).await;
        assert!([404, 414, 431].contains(&status(&response)), "{length}: {response}");
    }
    let response =
        exchange(&app, get(&format!("/ HTTP/1.1\r\nX-Long: {}\r\nX: ", "a".repeat(100_000)))).await;
    assert_eq!(status(&response), 431, "{response}");
    still_works(&app).await;
}

#[tokio::test]
async fn malformed_heads_are_a_bad_request() {
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
        let response = exchange(&app, head).await;
        assert_eq!(status(&response), 400, "{response}");
    }
    still_works(&app).await;
}

#[tokio::test]
async fn a_truncated_body_is_no_server_error_and_has_no_effect() {
    let app = TestApp::start().await;
    for accept in ["text/html", "application/json"] {
        let form = format!("name=M&email=m%40example.org&password={}", "long+enough");
        let length = form.len() + 100;
        let request = format!(
            "POST /api/register HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        );
        let response = send_truncated(&app, request).await;
        // The response, if there is one, is a client error.
        assert!(response.is_empty() || (400..500).contains(&status(&response)), "{response}");
    }
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 0);
    still_works(&app).await;
}

#[tokio::test]
async fn a_truncated_chunked_body_is_no_server_error() {
    let app = TestApp::start().await;
    for tail in ["5\r\nemail\r\n", "5\r\nema", "zz\r\n", "FFFFFFFFFFFFFFFF1\r\n"] {
        let request = format!(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n\r\n{tail}"
        );
        let response = send_truncated(&app, request).await;
        assert!(response.is_empty() || (400..500).contains(&status(&response)), "{tail:?}: {response}");
    }
    still_works(&app).await;
}

#[tokio::test]
async fn a_body_with_too_large_a_content_length_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection
        .send(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000000\r\n\r\nemail=x&password=",
        )
        .await;
    let head = connection.read_head().await;
    assert_eq!(status(&head), 413, "{head}");
    assert!(head.contains("text/html"), "{head}");
    still_works(&app).await;
}

#[tokio::test]
async fn a_chunked_body_is_refused_once_it_is_too_large() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection
        .send(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n",
        )
        .await;
    let chunk = format!("8000\r\n{}\r\n", "a".repeat(0x8000));
    for _ in 0..3 {
        connection.send(&chunk).await;
    }
    let head = connection.read_head().await;
    // The limit is hit while the body is read, which may also count as a body that cannot be read.
    assert!([400, 413].contains(&status(&head)), "{head}");
    still_works(&app).await;
}

#[tokio::test]
async fn a_browser_that_sends_too_much_gets_an_error_page() {
    let app = TestApp::start().await;
    let password = "p".repeat(1_000_000);
    for _ in 0..10 {
        let fields = [("email", ALICE.email), ("password", password.as_str())];
        let response = app.anon().post("/api/sign_in", &fields).await;
        assert_eq!(response.status, 413);
        assert!(response.text().contains("Request too large"), "{}", response.text());
    }
    still_works(&app).await;
}
