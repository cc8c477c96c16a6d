//! Forms without JavaScript: post, redirect, get.

use std::time::{Duration, Instant};

use crate::support::{ALICE, Actor, TestApp, TestResponse, WRONG_PASSWORD};

const WRONG: &str = "Incorrect email or password.";
const TAKEN: &str = "There is already an account with this email address.";

#[tokio::test]
async fn a_correct_password_redirects_to_the_home_page() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    let fields = [("email", " Alice@Example.ORG "), ("password", ALICE.password)];
    alice.post("/api/sign_in", &fields).await.leads_to("/");
    alice.get("/").await.shows("Alice Liddell");
}

#[tokio::test]
async fn a_wrong_password_is_reported_once_and_never_shown() {
    let app = TestApp::start().await;
    app.alice().await;
    let alice = app.anon();
    let fields = [("email", ALICE.email), ("password", WRONG_PASSWORD), ("next", "/?tab=2")];
    alice.post("/api/sign_in", &fields).await.leads_to("/login?next=%2F%3Ftab%3D2");

    let page = alice.get("/login?next=%2F%3Ftab%3D2").await;
    page.shows(WRONG);
    page.shows(r#"value="alice@example.org""#);
    page.shows(r#"name="next" value="/?tab=2""#);
    page.hides(WRONG_PASSWORD);

    let again = alice.get("/login").await;
    again.hides(WRONG);
    again.hides(ALICE.email);
}

#[tokio::test]
async fn keep_me_signed_in_stays_checked_after_a_rejection() {
    let app = TestApp::start().await;
    let alice = app.anon();
    let fields = [("email", ALICE.email), ("password", WRONG_PASSWORD), ("remember", "on")];
    alice.post("/api/sign_in", &fields).await.leads_to("/login");
    alice.get("/login").await.shows("checked");
    alice.get("/login").await.hides("checked");
}

#[tokio::test]
async fn a_rejection_is_shown_only_by_its_own_form() {
    let app = TestApp::start().await;
    let anon = app.anon();
    anon.fail_to_sign_in(ALICE.email).await;
    anon.get("/register").await.hides(WRONG);
}

#[tokio::test]
async fn a_rejection_is_shown_only_to_the_browser_that_posted() {
    let app = TestApp::start().await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    app.anon().get("/login").await.hides(ALICE.email);
}

#[tokio::test]
async fn a_head_request_does_not_consume_a_rejection() {
    let app = TestApp::start().await;
    let anon = app.anon();
    anon.fail_to_sign_in(ALICE.email).await;
    anon.request(http::Method::HEAD, "/login").accept("text/html").send().await;
    anon.get("/login").await.shows(WRONG);
}

#[tokio::test]
async fn registration_redirects_to_the_return_address() {
    let app = TestApp::start().await;
    let alice = app.anon();
    let fields =
        [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password), ("next", "/?a=1")];
    alice.post("/api/register", &fields).await.leads_to("/?a=1");
    alice.get("/").await.shows("Alice Liddell");
}

#[tokio::test]
async fn a_taken_email_is_rejected_whatever_its_case() {
    let app = TestApp::start().await;
    app.alice().await;
    let other = app.anon();
    let fields = [("name", "Another"), ("email", "ALICE@example.org"), ("password", WRONG_PASSWORD)];
    other.post("/api/register", &fields).await.leads_to("/register");
    let page = other.get("/register").await;
    page.shows(TAKEN);
    page.shows(r#"value="Another""#);
    page.shows(r#"value="ALICE@example.org""#);
    page.hides(WRONG_PASSWORD);
    other.is_signed_out().await;
}

#[tokio::test]
async fn all_problems_of_a_form_are_shown_at_once() {
    let app = TestApp::start().await;
    let anon = app.anon();
    let fields = [("name", ""), ("email", "not an address"), ("password", "short77")];
    anon.post("/api/register", &fields).await.leads_to("/register");
    let page = anon.get("/register").await;
    page.shows("Enter your name.");
    page.shows("Enter an email address like name@example.org.");
    page.shows("Use at least 8 characters.");
    page.shows(r#"value="not an address""#);
    page.hides("short77");
    assert_eq!(page.text().matches(r#"aria-invalid="true""#).count(), 3);

    anon.post("/api/sign_in", &[("email", ""), ("password", "")]).await.leads_to("/login");
    let page = anon.get("/login").await;
    page.shows("Enter your email address.");
    page.shows("Enter a password.");
}

#[tokio::test]
async fn a_password_that_is_the_name_or_the_email_is_refused() {
    let app = TestApp::start().await;
    for password in ["alice liddell", "ALICE@example.org"] {
        let anon = app.anon();
        let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", password)];
        anon.post("/api/register", &fields).await.leads_to("/register");
        anon.get("/register").await.shows("Choose a password that is more than your name or email address.");
    }
}

#[tokio::test]
async fn an_unknown_account_is_indistinguishable_from_a_wrong_password() {
    let app = TestApp::start().await;
    app.alice().await;
    let (known, unknown) = (app.anon(), app.anon());
    let (to_known, to_unknown) =
        (known.fail_to_sign_in(ALICE.email).await, unknown.fail_to_sign_in("nobody@example.org").await);
    assert_eq!(to_known.status, to_unknown.status);
    assert_eq!(to_known.location(), to_unknown.location());
    assert_eq!(header_names(&to_known), header_names(&to_unknown), "the same headers");

    let (to_known, to_unknown) = (known.get("/login").await, unknown.get("/login").await);
    to_known.shows(WRONG);
    assert_eq!(to_known.text(), to_unknown.text().replace("nobody@example.org", ALICE.email));
}

fn header_names(response: &TestResponse) -> Vec<&str> {
    response.headers.keys().map(http::HeaderName::as_str).collect()
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    let app = TestApp::start().await;
    app.alice().await;
    let anon = app.anon();
    // The minimum of several tries removes noise; on a busy machine it takes more of them.
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for round in 1..=50 {
        known = known.min(time_of_sign_in(&anon, ALICE.email).await);
        unknown = unknown.min(time_of_sign_in(&anon, "nobody@example.org").await);
        if round >= 8 && known < 2 * unknown && unknown < 2 * known {
            return;
        }
    }
    panic!("{known:?} for a wrong password, {unknown:?} for an unknown account");
}

async fn time_of_sign_in(actor: &Actor, email: &str) -> Duration {
    let start = Instant::now();
    actor.call("/api/sign_in", &[("email", email), ("password", WRONG_PASSWORD)]).await;
    start.elapsed()
}

#[tokio::test]
async fn return_addresses_on_this_origin_are_used() {
    let app = TestApp::start().await;
    app.alice().await;
    for next in
        ["/", "/?tab=2", "/account/sessions?page=2#top", "/account/activity?q=a%20b&c=%252F+d%26e=%C3%A9"]
    {
        let fields = [("email", ALICE.email), ("password", ALICE.password), ("next", next)];
        app.anon().post("/api/sign_in", &fields).await.leads_to(next);
    }
}

#[tokio::test]
async fn other_return_addresses_are_ignored() {
    let app = TestApp::start().await;
    app.alice().await;
    let hostile = [
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/x\r\nSet-Cookie: id=injected",
        "/x\r\n\r\n<script>alert(1)</script>",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/../..//evil.example",
        "@evil.example",
        // On this origin, but not pages.
        "/session/events",
        "/api/sign_out",
        "/healthz",
        "/start.js",
        "/speculation-rules.json",
        "/.well-known/change-password",
        "/account/",
        "/nowhere",
        "",
    ];
    for next in hostile {
        let correct = [("email", ALICE.email), ("password", ALICE.password), ("next", next)];
        let alice = app.anon();
        alice.post("/api/sign_in", &correct).await.leads_to("/");
        assert!(!alice.cookie_value().contains("injected"), "{next}");

        let wrong = [("email", ALICE.email), ("password", WRONG_PASSWORD), ("next", next)];
        let response = app.anon().post("/api/sign_in", &wrong).await;
        response.leads_to("/login");

        let page = app.anon().get(&format!("/login?next={}", percent_encoded(next))).await;
        page.hides("evil.example");
        page.hides("name=\"next\"");
        page.hides("<script>alert(1)");
    }
}

fn percent_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
