//! Invalid cookies are ignored, and not removed.

use http::Method;

use vestibule::server::sessions::Key;

use crate::support::{ALICE, Actor, TestApp, TestResponse};

/// Opens the home page with exactly these cookie headers.
async fn home_with(app: &TestApp, headers: &[String]) -> TestResponse {
    let anon = app.anon();
    let request = anon.request(Method::GET, "/").accept("text/html");
    headers.iter().fold(request, |request, value| request.header("cookie", value)).send().await
}

/// Asserts that these cookie headers are ignored, and that no cookie is removed.
async fn assert_ignored(app: &TestApp, headers: &[String]) {
    let response = home_with(app, headers).await;
    assert_eq!(response.set_cookies(), [""; 0], "{headers:?}");
    response.leads_to("/login?next=%2F");
}

/// The value with another signature.
fn forged(value: &str) -> String {
    let (id, signature) = value.split_once('.').expect("id and signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{id}.{first}{}", &signature[1..])
}

#[tokio::test]
async fn the_session_cookie_is_found_among_others() {
    let app = TestApp::start().await;
    let cookie = app.alice().await.cookie().expect("a cookie");
    for line in [cookie.clone(), format!("theme=dark; {cookie}; id2=x"), format!("  {cookie}")] {
        assert_eq!(home_with(&app, std::slice::from_ref(&line)).await.status, 200, "{line}");
    }
}

#[tokio::test]
async fn bad_signatures_and_malformed_values_are_ignored() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let value = alice.cookie_value();
    let (id, signature) = value.split_once('.').expect("id and signature");
    let other = app.with_anonymous_session(&Key::new("colour"), "red").await.cookie_value();
    let (_, others_signature) = other.split_once('.').expect("id and signature");
    let bad = [
        forged(&value),
        id.to_owned(),
        format!("{id}."),
        format!("{id}.{others_signature}"),
        format!(".{signature}"),
        format!("{id}{signature}"),
        format!("{value}="),
        format!("{value} x"),
        format!("\"{value}\""),
        value.replace('.', "%2E"),
        String::new(),
        "' OR 1=1 --".to_owned(),
        "%00".to_owned(),
        "=".repeat(66),
        "A".repeat(66),
        "A".repeat(20 * 1024),
    ];
    for value in bad {
        assert_ignored(&app, &[format!("id={value}")]).await;
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn duplicate_session_cookies_are_ignored() {
    let app = TestApp::start().await;
    let cookie = app.alice().await.cookie().expect("a cookie");
    assert_ignored(&app, &[format!("{cookie}; {cookie}")]).await;
    assert_ignored(&app, &[format!("id=x; {cookie}")]).await;
    assert_ignored(&app, &[format!("{cookie}; id=")]).await;
    assert_ignored(&app, &[cookie.clone(), cookie]).await;
}

#[tokio::test]
async fn other_cookie_names_are_ignored() {
    let app = TestApp::start_https().await;
    let alice = app.alice().await;
    let value = alice.cookie_value();
    for name in ["%5F%5FHost-id", "__host-id", "__HOST-ID", "__Host-id ", "_-Host-id", "id", "__Secure-id"] {
        assert_ignored(&app, &[format!("{name}={value}")]).await;
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_cookie_of_another_server_is_ignored() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    let cookie = other.alice().await.cookie().expect("a cookie");
    assert_ignored(&app, &[cookie]).await;
}

#[tokio::test]
async fn invalid_utf8_is_ignored() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection
        .send(b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: id=\xff\xfe\x80\r\nConnection: close\r\n\r\n")
        .await;
    let response = connection.read_to_end().await;
    assert!(response.starts_with("HTTP/1.1 303 "), "{response}");
    assert!(!response.contains("set-cookie"), "{response}");
}

#[tokio::test]
async fn an_invalid_cookie_does_not_prevent_sign_in() {
    let app = TestApp::start().await;
    app.alice().await;
    let anon = app.anon().with_cookie(Some("id=garbage".to_owned()));
    assert_eq!(anon.get("/login").await.status, 200);
    anon.sign_in(ALICE).await;
    anon.is_signed_in().await;
}

#[tokio::test]
async fn a_late_response_to_the_old_cookie_does_not_replace_the_new_one() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.with_anonymous_session(&Key::new("colour"), "red").await;
    let late: Actor = browser.copy();
    browser.sign_in(ALICE).await;
    for path in ["/", "/login", "/register"] {
        assert_eq!(late.get(path).await.set_cookies(), [""; 0], "{path}");
    }
    assert_eq!(late.call("/api/session_status", &[]).await.set_cookies(), [""; 0]);
    browser.is_signed_in().await;
}
