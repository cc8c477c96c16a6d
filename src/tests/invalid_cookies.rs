//! Cookies that are not ours hurt nobody, and take nobody's session away.

use http::Method;

use vestibule::server::sessions::Key;

use crate::support::{ALICE, Actor, TestResponse, TestApp};

/// Opens the home page with these cookie lines and no other.
async fn home_with(app: &TestApp, lines: &[String]) -> TestResponse {
    let anon = app.anon();
    let request = anon.request(Method::GET, "/").accept("text/html");
    lines.iter().fold(request, |request, line| request.header("cookie", line)).send().await
}

/// Asserts that these cookies are as if none came, and that the browser keeps what it has.
async fn counts_as_none(app: &TestApp, lines: &[String]) {
    let answer = home_with(app, lines).await;
    assert_eq!(answer.set_cookies(), [""; 0], "{lines:?}");
    answer.leads_to("/login?next=%2F");
}

/// A value that looks right in every way but its signature.
fn forged(value: &str) -> String {
    let (id, signature) = value.split_once('.').expect("id and signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{id}.{first}{}", &signature[1..])
}

#[tokio::test]
async fn the_right_cookie_is_taken_among_others() {
    let app = TestApp::start().await;
    let cookie = app.alice().await.cookie().expect("a cookie");
    for line in [cookie.clone(), format!("theme=dark; {cookie}; id2=x"), format!("  {cookie}")] {
        assert_eq!(home_with(&app, std::slice::from_ref(&line)).await.status, 200, "{line}");
    }
}

#[tokio::test]
async fn a_bad_signature_or_a_malformed_value_is_as_if_no_cookie_came() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let value = alice.cookie_value();
    let (id, signature) = value.split_once('.').expect("id and signature");
    let other = app.anonymous(&Key::new("colour"), "red").await.cookie_value();
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
        counts_as_none(&app, &[format!("id={value}")]).await;
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_duplicate_is_as_if_no_cookie_came() {
    let app = TestApp::start().await;
    let cookie = app.alice().await.cookie().expect("a cookie");
    counts_as_none(&app, &[format!("{cookie}; {cookie}")]).await;
    counts_as_none(&app, &[format!("id=x; {cookie}")]).await;
    counts_as_none(&app, &[format!("{cookie}; id=")]).await;
    counts_as_none(&app, &[cookie.clone(), cookie]).await;
}

#[tokio::test]
async fn a_name_that_is_not_ours_byte_for_byte_is_as_if_no_cookie_came() {
    let app = TestApp::start_https().await;
    let alice = app.alice().await;
    let value = alice.cookie_value();
    for name in ["%5F%5FHost-id", "__host-id", "__HOST-ID", "__Host-id ", "_-Host-id", "id", "__Secure-id"] {
        counts_as_none(&app, &[format!("{name}={value}")]).await;
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn a_cookie_of_another_server_is_as_if_no_cookie_came() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    let cookie = other.alice().await.cookie().expect("a cookie");
    counts_as_none(&app, &[cookie]).await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_as_if_no_cookie_came() {
    let app = TestApp::start().await;
    let mut connection = app.connect().await;
    connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: id=\xff\xfe\x80\r\nConnection: close\r\n\r\n")
        .await;
    let answer = connection.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(!answer.contains("set-cookie"), "{answer}");
}

#[tokio::test]
async fn garbage_does_not_stand_in_the_way_of_signing_in() {
    let app = TestApp::start().await;
    app.alice().await;
    let anon = app.anon().with_cookie(Some("id=garbage".to_owned()));
    assert_eq!(anon.get("/login").await.status, 200);
    anon.sign_in(ALICE).await;
    anon.is_signed_in().await;
}

#[tokio::test]
async fn a_late_answer_to_the_old_cookie_does_not_touch_the_new_one() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anonymous(&Key::new("colour"), "red").await;
    let late: Actor = browser.copy();
    browser.sign_in(ALICE).await;
    for path in ["/", "/login", "/register"] {
        assert_eq!(late.get(path).await.set_cookies(), [""; 0], "{path}");
    }
    assert_eq!(late.call("/api/session_status", &[]).await.set_cookies(), [""; 0]);
    browser.is_signed_in().await;
}
