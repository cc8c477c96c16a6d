//! Browsers that keep no cookie: their people are told, also without JavaScript.

use std::time::Duration;

use http::Method;

use crate::support::{ALICE, Actor, BOB, TestApp, TestResponse, WRONG_PASSWORD};

const WRONG: &str = "Incorrect email or password.";
const NO_COOKIE: &str = "Your browser did not keep the cookie";
const NEXT: &str = "/account/activity?q=a%20b&c=%252F+d%26";
const NEXT_IN_QUERY: &str = "next=%2Faccount%2Factivity%3Fq%3Da%2520b%26c%3D%25252F%2Bd%2526";
const SIGN_IN: [(&str, &str); 3] = [("email", ALICE.email), ("password", ALICE.password), ("next", NEXT)];
const WRONG_SIGN_IN: [(&str, &str); 3] =
    [("email", ALICE.email), ("password", WRONG_PASSWORD), ("next", NEXT)];

/// Posts a form as browsers do; over plain HTTP this is the only header that tells them from programs.
async fn post(actor: &Actor, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = actor.request(Method::POST, path).accept("text/html").form(fields);
    request.header("upgrade-insecure-requests", "1").send().await
}

#[tokio::test]
async fn people_who_sign_in_without_cookies_are_told_so() {
    let app = TestApp::start_https().await;
    app.alice().await;
    let response = post(&app.anon(), "/api/sign_in", &SIGN_IN).await;
    // The next request comes without the cookie.
    let page = app.anon().get(response.location()).await;
    page.shows(NO_COOKIE);
    page.shows("Allow cookies for https://app.example, check that you have opened the site at that address");
    page.shows(r#"name="next" value="/account/activity?q=a%20b&amp;c=%252F+d%26""#);
    app.anon().get("/login").await.hides(NO_COOKIE);
}

/// Such as one of this site and one that another host of its domain has set, or one that has ended.
#[tokio::test]
async fn people_whose_browser_sends_two_sessions_are_told_so() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    let both = format!("{}; {}", alice.cookie().expect("a cookie"), bob.cookie().expect("a cookie"));
    for ended in [false, true] {
        if ended {
            bob.sign_out().await;
        }
        let with_both = async |method, path: &str, fields: &[(&str, &str)]| {
            let browser = app.anon();
            let request = browser.request(method, path).accept("text/html").header("cookie", &both);
            request.header("upgrade-insecure-requests", "1").form(fields).send().await
        };
        let way = with_both(Method::POST, "/api/sign_in", &SIGN_IN).await;
        let page = with_both(Method::GET, way.location(), &[]).await;
        page.shows(NO_COOKIE);
        page.shows("delete the cookies that your browser has for this site");
        let way = with_both(Method::POST, "/api/sign_in", &WRONG_SIGN_IN).await;
        with_both(Method::GET, way.location(), &[]).await.shows(WRONG);
    }
}

#[tokio::test]
async fn people_who_register_without_cookies_are_told_so() {
    let app = TestApp::start().await;
    let fields = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    let response = post(&app.anon(), "/api/register", &fields).await;
    app.anon().get(response.location()).await.shows(NO_COOKIE);
}

#[tokio::test]
async fn with_the_cookie_one_comes_to_exactly_the_return_address() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anon();
    let response = post(&browser, "/api/sign_in", &SIGN_IN).await;
    response.leads_to(&format!("/login?{NEXT_IN_QUERY}&signed-in=1"));
    browser.get(response.location()).await.leads_to(NEXT);
    // It has shown that it keeps cookies.
    post(&browser, "/api/sign_in", &SIGN_IN).await.leads_to(NEXT);
    // A program knows whether it keeps cookies.
    app.anon().post("/api/sign_in", &SIGN_IN).await.leads_to(NEXT);
}

#[tokio::test]
async fn the_end_of_a_session_is_no_lost_cookie() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.copy().sign_out().await;
    let page = alice.get("/login?next=%2F&signed-in=1").await;
    page.shows("You have signed out.");
    page.hides(NO_COOKIE);
}

#[tokio::test]
async fn a_wrong_password_is_told_without_cookies() {
    let app = TestApp::start().await;
    app.alice().await;
    let response = post(&app.anon(), "/api/sign_in", &WRONG_SIGN_IN).await;
    let address = response.location();
    assert!(address.starts_with(&format!("/login?{NEXT_IN_QUERY}&rejected=")), "{address}");
    let page = app.anon().get(address).await;
    page.shows(WRONG);
    page.shows(NO_COOKIE);
    page.hides(ALICE.email);
    app.anon().request(Method::HEAD, address).send().await;

    let response =
        post(&app.anon(), "/api/register", &[("name", ""), ("email", "a"), ("password", "x")]).await;
    let page = app.anon().get(response.location()).await;
    page.shows("Enter your name.");
    page.shows(NO_COOKIE);
}

#[tokio::test]
async fn with_cookies_the_address_is_shortened_and_what_was_typed_is_kept() {
    let app = TestApp::start().await;
    app.alice().await;
    let browser = app.anon();
    let response = post(&browser, "/api/sign_in", &WRONG_SIGN_IN).await;
    let short = format!("/login?{NEXT_IN_QUERY}");
    browser.get(response.location()).await.leads_to(&short);
    let page = browser.get(&short).await;
    page.shows(WRONG);
    page.shows(r#"value="alice@example.org""#);
    page.hides(NO_COOKIE);
    browser.get(&short).await.hides(WRONG);
    let without_next = post(&browser, "/api/sign_in", &WRONG_SIGN_IN[..2]).await;
    browser.get(without_next.location()).await.leads_to("/login");
}

#[tokio::test]
async fn nobody_else_can_write_into_the_page() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    let response = post(&app.anon(), "/api/sign_in", &WRONG_SIGN_IN).await;
    let address = response.location().to_owned();
    app.anon().get(&address).await.shows(WRONG);
    other.anon().get(&address).await.hides(WRONG);
    let forgeries = [
        format!("{address}A"),
        address.replace('.', "A."),
        "/login?rejected=".into(),
        "/login?rejected".into(),
    ];
    for forged in forgeries {
        app.anon().get(&forged).await.hides(WRONG);
    }
    app.anon().get(&address.replace("/login", "/register")).await.hides(WRONG);
    // The cookie of one's own browser, which has what was typed, is signed by the server as well.
    let typed = [("email", "call us at 555-0100"), ("password", WRONG_PASSWORD)];
    let response = post(&app.anon(), "/api/sign_in", &typed).await;
    let cookies = response.set_cookies();
    let cookie = cookies.iter().find_map(|cookie| cookie.strip_prefix("form_3000=")).expect("the form");
    let value = cookie.split(';').next().expect("its value");
    app.anon().get(&format!("/login?rejected={value}")).await.hides("555-0100");
    app.clock.advance(Duration::from_mins(2));
    app.anon().get(&address).await.hides(WRONG);
}
