//! Invalid cookies are ignored, and not removed.

use http::Method;

use vestibule::server::{config::PublicUrl, sessions::Key};

use crate::support::{ALICE, Actor, BOB, TestApp, TestResponse};

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
        assert_ignored(&app, &[format!("id_3000={value}")]).await;
    }
    alice.is_signed_in().await;
}

#[tokio::test]
async fn of_several_session_cookies_the_one_that_verifies_counts() {
    let app = TestApp::start().await;
    let cookie = app.alice().await.cookie().expect("a cookie");
    let (name, value) = cookie.split_once('=').expect("a pair");
    let bad = format!("{name}=x");
    for headers in [
        vec![format!("{bad}; {cookie}")],
        vec![format!("{cookie}; {bad}")],
        vec![format!("{name}={}; {cookie}; {name}=", forged(value))],
        vec![format!("{cookie}; {cookie}")],
        vec![bad.clone(), cookie.clone()],
        vec![cookie.clone(), bad.clone()],
    ] {
        let home = home_with(&app, &headers).await;
        home.shows("Sign out");
        assert_eq!(home.set_cookies(), [""; 0], "{headers:?}");
    }
}

#[tokio::test]
async fn two_that_verify_count_as_none_and_sign_in_works() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    let both = format!("{}; {}", alice.cookie_value(), bob.cookie().expect("a cookie"));
    let both = format!("id_3000={both}");
    assert_ignored(&app, std::slice::from_ref(&both)).await;
    let anon = app.anon();
    let page = anon.request(Method::GET, "/login").accept("text/html").header("cookie", &both).send().await;
    page.shows("<form");
    let fields = [("email", ALICE.email), ("password", ALICE.password)];
    let browser = app.anon();
    let form = browser.request(Method::POST, "/api/sign_in").accept("text/html").header("cookie", &both);
    form.form(&fields).send().await.leads_to("/");
    browser.is_signed_in().await;
}

/// The other one is for a part of the site: the page says signed out, sign-in says signed in.
#[tokio::test]
async fn a_second_one_for_a_part_of_the_site_sends_no_one_in_a_circle() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    let (ours, shadow) = (alice.cookie().expect("a cookie"), bob.cookie().expect("a cookie"));
    let account = app.anon();
    let request = account.request(Method::GET, "/account").accept("text/html");
    let refused = request.header("cookie", &format!("{shadow}; {ours}")).send().await;
    refused.leads_to("/login?next=%2Faccount");
    let removed = refused.set_cookies();
    assert!(removed.contains(&"id_3000=; HttpOnly; SameSite=Lax; Path=/account; Max-Age=0"), "{removed:?}");
    assert!(
        removed.iter().all(|line| !line.contains("Path=/;")),
        "the one of the whole site stays: {removed:?}"
    );
    // Only that one is left.
    alice.get("/login?next=%2Faccount").await.leads_to("/account");
    alice.get("/account").await.shows(ALICE.name);
}

/// Cookies are for all ports of a host.
#[tokio::test]
async fn two_programs_on_this_machine_do_not_sign_each_other_out() {
    let at = |port: u16| {
        TestApp::start_with(move |config| {
            config.public_url = PublicUrl::try_from(format!("http://localhost:{port}")).expect("a URL");
        })
    };
    let (one, other) = (at(3000).await, at(3001).await);
    let cookies =
        [one.alice().await.cookie().expect("a cookie"), other.alice().await.cookie().expect("a cookie")];
    for app in [&one, &other] {
        home_with(app, &[cookies.join("; ")]).await.shows("Sign out");
    }
    let named = other.restart_with(|config| config.sessions.cookie_name = "shop".to_owned()).await;
    let cookie = named.anon().sign_in(ALICE).await.set_cookie().to_owned();
    assert!(cookie.starts_with("shop="), "{cookie}");
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
        .send(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: id_3000=\xff\xfe\x80\r\nConnection: close\r\n\r\n",
        )
        .await;
    let response = connection.read_to_end().await;
    assert!(response.starts_with("HTTP/1.1 303 "), "{response}");
    assert!(!response.contains("set-cookie"), "{response}");
}

#[tokio::test]
async fn an_invalid_cookie_does_not_prevent_sign_in() {
    let app = TestApp::start().await;
    app.alice().await;
    let anon = app.anon().with_cookie(Some("id_3000=garbage".to_owned()));
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
