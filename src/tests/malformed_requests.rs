//! Requests that no HTTP client would send.

use std::time::Duration;

use futures_util::future::join_all;

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

/// Refusals that hyper writes by itself, below all layers.
#[tokio::test]
async fn refusals_of_malformed_heads_have_the_headers_of_every_response() {
    let app = TestApp::start_https().await;
    let too_large = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(40_000));
    let too_long = get(&format!("/{}", "a".repeat(70_000)));
    for (request, code) in [("GET / HTTP/9.9\r\n\r\n", 400), (&too_large, 431), (&too_long, 431)] {
        let mut connection = app.connect().await;
        // After a request that was answered, and as the first.
        connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert_eq!(status(&connection.read_head().await), 200);
        connection.send(request).await;
        for response in
            [connection.read_to_end().await.replacen("ok\n", "", 1), exchange(&app, request).await]
        {
            assert_eq!(status(&response), code, "{response}");
            for header in [
                "connection: close",
                "cache-control: no-store, no-transform",
                "x-content-type-options: nosniff",
                "content-security-policy: default-src 'none'",
                "strict-transport-security: max-age=31536000",
                "content-length: 0",
            ] {
                assert!(response.contains(&format!("\r\n{header}")), "{header}: {response}");
            }
            assert!(
                response.ends_with("\r\n\r\n") && !response.trim_end().contains("\r\n\r\n"),
                "{response}"
            );
        }
    }
}

#[tokio::test]
async fn whatever_is_sent_is_refused_or_closed_and_never_a_server_error() {
    let app = TestApp::start_with(|config| {
        config.http.idle_timeout = Duration::from_millis(200);
        config.http.header_timeout = Duration::from_millis(200);
        config.http.request_timeout = Duration::from_secs(3);
    })
    .await;
    let post = "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
        Content-Type: application/x-www-form-urlencoded\r\n";
    let requests: Vec<Vec<u8>> = [
        // No HTTP, or of another version.
        "GET /\r\n\r\n",
        "GET /login\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
        "G\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        // Targets in other forms.
        "GET http://localhost/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://evil.example/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET ftp://evil.example/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET //[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET  /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        // Headers.
        "GET /nowhere HTTP/1.1\r\n: empty\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\n folded: first\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nA : b\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nHost: a\r\nHost: b\r\nCookie: \x7f\r\n\r\n",
        // A head that never ends.
        "G",
        "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n",
    ]
    .iter()
    .map(|request| request.as_bytes().to_vec())
    .chain(
        [
            // Two lengths, as in request smuggling (RFC 9112, 6.3).
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            "Content-Length: 4, 4\r\n\r\na=bc",
            "Content-Length: +4\r\n\r\na=bc",
            "Content-Length: 4\r\nContent-Length: 5\r\n\r\na=bcd",
            "Content-Length: 18446744073709551616\r\n\r\n",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
            // Bodies.
            "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\na=bc\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n3\na=b\n0\n\n",
            "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\na",
            "Content-Length: 3\r\n\r\n\0\0\0",
            "Content-Length: 10\r\n\r\nemail",
            "Expect: 200-maybe\r\nContent-Length: 10\r\n\r\nemail",
        ]
        .iter()
        .map(|rest| format!("{post}{rest}").into_bytes()),
    )
    .chain([get(&format!("/{}", "%00".repeat(10_000))).into_bytes(), vec![b'\n'; 100_000], vec![0xff; 1_000]])
    .collect();
    let responses = join_all(requests.iter().map(|request| exchange(&app, request))).await;
    for (request, responses) in requests.iter().zip(responses) {
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        for response in responses.split("HTTP/1.1 ").skip(1) {
            let status = status(&format!("HTTP/1.1 {response}"));
            assert!((400..500).contains(&status), "{shown:?}: {response}");
        }
        assert!(responses.is_empty() || responses.starts_with("HTTP/1.1 "), "{shown:?}: {responses}");
    }
    still_works(&app).await;
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order_until_one_is_malformed() {
    let app = TestApp::start().await;
    let requests = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100) + &get("/nowhere");
    let responses = exchange(&app, requests).await;
    assert_eq!(responses.matches("HTTP/1.1 200").count(), 100);
    assert_eq!(responses.matches("HTTP/1.1 404").count(), 1);
    assert!(responses.rfind("HTTP/1.1 200") < responses.find("HTTP/1.1 404"));

    let malformed = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n";
    let responses = exchange(&app, malformed).await;
    assert_eq!(responses.matches("HTTP/1.1 200").count(), 1, "{responses}");
    assert_eq!(responses.matches("HTTP/1.1 400").count(), 1, "{responses}");
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

/// RFC 9112, section 3.2.
#[tokio::test]
async fn a_request_is_for_one_host() {
    let app = TestApp::start().await;
    for path in ["/login", "/healthz", "/robots.txt"] {
        for (version, hosts, expected) in [
            ("1.1", "", "400"),
            ("1.1", "Host: localhost\r\nHost: localhost\r\n", "400"),
            ("1.1", "Host: localhost\r\nHost: evil.example\r\n", "400"),
            ("1.0", "Host: localhost\r\nHost: evil.example\r\n", "400"),
            ("1.1", "Host: local host\r\n", "400"),
            ("1.1", "Host: localhost/a\r\n", "400"),
            ("1.1", "Host: a@localhost\r\n", "400"),
            ("1.1", "Host: localhost:http\r\n", "400"),
            ("1.1", "Host: \u{e9}\r\n", "400"),
            ("1.1", "Host: [::1]:3000\r\n", "200"),
            ("1.1", "host: APP.example:\r\n", "200"),
            ("1.0", "", "200"),
        ] {
            let request = format!("GET {path} HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
            let response = exchange(&app, request).await;
            let status = response.split(' ').nth(1).expect("a status");
            assert_eq!(status, expected, "{path} {hosts:?}: {response}");
        }
    }
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
    for accept in ["*/*", "text/html"] {
        let mut connection = app.connect().await;
        let head = format!(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        connection.send(head).await;
        let chunk = format!("8000\r\n{}\r\n", "a".repeat(0x8000));
        for _ in 0..3 {
            connection.send(&chunk).await;
        }
        let head = connection.read_head().await;
        assert_eq!(status(&head), 413, "{head}");
    }
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
