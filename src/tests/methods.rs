//! Every method on every route: an answer that fits, with the headers that every answer has.

use http::{HeaderMap, Method, header};
use vestibule::server::http::router;

use crate::support::{ALICE, RawConnection, SCRIPT_PATH, TestApp, status};

const OTHERS: [&str; 8] = [
    "/healthz",
    "/readyz",
    "/session/events",
    "/.well-known/change-password",
    "/speculation-rules.json",
    SCRIPT_PATH,
    "/robots.txt",
    "/nowhere",
];
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

fn assert_headers(headers: &HeaderMap, request: &str) {
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "x-request-id",
        "cache-control",
    ] {
        // Browsers keep a redirect that is permanent, and it is the same for everyone.
        let may_lack = name == "cache-control" && headers.contains_key(header::LOCATION);
        assert!(may_lack || headers.contains_key(name), "{request} lacks {name}: {headers:?}");
    }
    assert!(!headers.contains_key("access-control-allow-origin"), "{request}");
}

#[tokio::test]
async fn every_route_answers_every_method() {
    let app = TestApp::start().await;
    let (anon, alice) = (app.anon(), app.alice().await);
    for path in router::mounted().into_iter().chain(OTHERS) {
        for method in METHODS {
            let request = format!("{method} {path}");
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            for actor in [&anon, &alice] {
                let sent = actor.request(method.clone(), path).header("accept", "text/html");
                let response = sent.send_unread().await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                assert_headers(&headers, &request);
                let expected: &[u16] = match method.as_str() {
                    "GET" | "HEAD" => &[200, 303, 404],
                    // A function that needs fields gets none.
                    "POST" => &[200, 303, 400, 401, 403, 404, 405],
                    _ => &[303, 404, 405],
                };
                assert!(expected.contains(&status), "{request}: {status}");
                if status == 405 {
                    assert!(headers.contains_key(header::ALLOW), "{request}: {headers:?}");
                }
                if method == Method::HEAD {
                    assert_eq!(response.bytes().await.expect("a body").len(), 0, "{request}");
                }
            }
            // Signing out by POST is what it is for.
            if request == "POST /api/sign_out" || request == "POST /api/end_other_sessions" {
                alice.sign_in(ALICE).await;
            }
        }
    }
    for request in ["CONNECT localhost:1", "OPTIONS *"] {
        let mut connection = RawConnection::connect(app.address).await.expect("connected");
        connection.send(format!("{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        let response = connection.read_head().await;
        assert!((400..500).contains(&status(&response)), "{request}: {response}");
    }
}

#[tokio::test]
async fn what_can_only_be_read_says_so() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/", "/account", "/account/data", "/login", "/robots.txt", SCRIPT_PATH, "/login/"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            for actor in [&app.anon(), &alice] {
                let refused = actor.request(method.clone(), path).accept("text/html").send().await;
                assert_eq!(refused.status, 405, "{method} {path}");
                assert_eq!(refused.header(header::ALLOW), "GET,HEAD", "{method} {path}");
            }
        }
    }
    for path in ["/nowhere", "/pkg/nowhere.js", "/.env"] {
        assert_eq!(app.anon().request(Method::PUT, path).send().await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn answers_without_a_page_have_the_headers_too() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let file = anon.get("/robots.txt").await;
    let modified = file.header(header::LAST_MODIFIED).to_owned();
    let unchanged =
        anon.request(Method::GET, "/robots.txt").header("if-modified-since", &modified).send().await;
    let part = anon.request(Method::GET, SCRIPT_PATH).header("range", "bytes=0-3").send().await;
    let beyond = anon.request(Method::GET, SCRIPT_PATH).header("range", "bytes=99999-").send().await;
    let moved = anon.get("/login/").await;
    let missing = anon.get("/pkg/nowhere.js").await;
    for (response, status) in
        [(file, 200), (unchanged, 304), (part, 206), (beyond, 416), (moved, 308), (missing, 404)]
    {
        assert_eq!(response.status, status);
        assert_headers(&response.headers, response.status.as_str());
    }
}
