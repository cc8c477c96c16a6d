//! How often strangers may try, and who never has to wait for them.

use std::{collections::HashMap, time::Duration};

use http::{Method, StatusCode, header};
use vestibule::{
    model::{AppError, FormOutcome},
    server::config::{Config, LimitsConfig},
};

use crate::support::{
    ALICE, Actor, BOB, Installation, TestApp, TestResponse, User, WRONG_PASSWORD, for_every_database,
};

const MINUTE: Duration = Duration::from_mins(1);
/// Two addresses, and one in an IPv6 network.
const HERE: &str = "203.0.113.9";
const THERE: &str = "198.51.100.1";
const ROWS: &str = "SELECT count(*) FROM limits";

/// The limits of an application in use, but for what is changed.
fn limits(change: impl FnOnce(&mut LimitsConfig)) -> impl FnOnce(&mut Config) {
    |config| {
        config.limits = Config::load(None, HashMap::new()).expect("the defaults are valid").limits;
        change(&mut config.limits);
        config.http.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    }
}

/// Only accounts are limited: two attempts, then delays.
fn two_attempts(limits: &mut LimitsConfig) {
    *limits = LimitsConfig { account_attempts: 2, sign_in_burst: 0, ..limits.clone() };
}

/// Only addresses are limited: two attempts, then one each ten seconds.
fn burst_of_two(limits: &mut LimitsConfig) {
    *limits = LimitsConfig { account_attempts: 0, sign_in_burst: 2, ..limits.clone() };
}

/// Calls a server function from an address.
async fn call(actor: &Actor, from: &str, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let request = actor.request(Method::POST, path).accept("application/json");
    request.header("x-forwarded-for", from).form(fields).send().await
}

async fn sign_in(actor: &Actor, from: &str, email: &str, password: &str) -> TestResponse {
    call(actor, from, "/api/sign_in", &[("email", email), ("password", password)]).await
}

async fn guess(actor: &Actor, from: &str, email: &str) -> TestResponse {
    sign_in(actor, from, email, WRONG_PASSWORD).await
}

/// How long one has to wait, as header and body say; `None` if the attempt was made.
#[track_caller]
fn wait(response: &TestResponse) -> Option<u32> {
    if response.status == StatusCode::OK {
        return None;
    }
    assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS, "{}", response.text());
    let error: AppError = response.json();
    let AppError::TooMany { seconds } = error else { panic!("{error:?}") };
    assert_eq!(response.header(header::RETRY_AFTER), seconds.to_string());
    Some(seconds)
}

#[track_caller]
fn is_accepted(response: &TestResponse) {
    assert_eq!(response.status, StatusCode::OK, "{}", response.text());
    assert!(matches!(response.json(), FormOutcome::Accepted { .. }), "{}", response.text());
}

/// The text with another character in the middle.
fn flip(text: &str) -> String {
    let (start, end) = text.split_at(text.len() / 2);
    let other = if end.starts_with('A') { "B" } else { "A" };
    format!("{start}{other}{}", &end[1..])
}

/// An account that is signed out, and the browser that has registered it.
async fn register(app: &TestApp, user: User) -> Actor {
    let browser = app.anon();
    browser.register(user).await;
    browser.sign_out().await;
    browser
}

#[tokio::test]
async fn an_address_has_some_attempts_and_then_one_at_a_time() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let anon = app.anon();
    for (email, expected) in [("a@example.org", None), ("b@example.org", None), ("c@example.org", Some(10))] {
        assert_eq!(wait(&guess(&anon, HERE, email).await), expected, "{email}");
    }
    assert_eq!(wait(&guess(&anon, THERE, "c@example.org").await), None, "another address");
    app.clock.advance(Duration::from_secs(4));
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), Some(6));
    app.clock.advance(Duration::from_secs(6));
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), None);
    assert_eq!(wait(&guess(&anon, HERE, "c@example.org").await), Some(10));
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_address() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let anon = app.anon();
    for (from, expected) in [
        ("2001:db8:0:1::1", None),
        ("2001:db8:0:1:2:3:4:5", None),
        ("2001:db8:0:1:ffff::", Some(10)),
        ("2001:db8:0:2::1", None),
        (HERE, None),
        ("::ffff:203.0.113.9", None),
        (HERE, Some(10)),
    ] {
        assert_eq!(wait(&guess(&anon, from, "a@example.org").await), expected, "{from}");
    }
}

#[tokio::test]
async fn the_right_password_costs_an_address_nothing() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    register(&app, ALICE).await;
    for _ in 0..4 {
        is_accepted(&sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await);
    }
    assert_eq!(app.number(ROWS).await, 1, "that of the registration");
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    is_accepted(&sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(10), "the wrong ones stay counted");
}

/// An account that does not exist is delayed like one that does, so limits do not tell which exist.
#[tokio::test]
async fn delays_for_an_account_grow_whether_it_exists_or_not() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    register(&app, ALICE).await;
    for email in [ALICE.email, "nobody@example.org"] {
        let mut waits = Vec::new();
        for number in 0..7 {
            // From everywhere, and however it is written.
            let from = format!("203.0.113.{number}");
            let email = if number % 2 == 0 { email } else { &email.to_uppercase() };
            let seconds = wait(&guess(&app.anon(), &from, email).await);
            waits.push(seconds);
            if let Some(seconds) = seconds {
                app.clock.advance(Duration::from_secs(seconds.into()));
                assert_eq!(wait(&guess(&app.anon(), &from, email).await), None, "{email} {number}");
            }
        }
        assert_eq!(waits, [None, None, Some(15), Some(30), Some(60), Some(120), Some(240)], "{email}");
    }
}

#[tokio::test]
async fn delays_are_forgotten_in_time() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
    app.clock.advance(120 * MINUTE);
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
}

for_every_database!(guesses_that_arrive_together_do_not_slip_through);
async fn guesses_that_arrive_together_do_not_slip_through(installation: Installation) {
    let app = TestApp::start_in(installation, limits(|limits| limits.sign_in_burst = 0)).await;
    let other = app.another(|_| {}).await;
    let guesses = (0..50).map(|number| {
        let actor = if number % 2 == 0 { app.anon() } else { other.anon() };
        tokio::spawn(async move { wait(&guess(&actor, HERE, ALICE.email).await) })
    });
    let mut compared = 0;
    for guess in guesses.collect::<Vec<_>>() {
        compared += i32::from(guess.await.expect("no panic").is_none());
    }
    assert_eq!(compared, 5);
}

for_every_database!(all_processes_count_together_and_a_restart_forgets_nothing);
async fn all_processes_count_together_and_a_restart_forgets_nothing(installation: Installation) {
    let app = TestApp::start_in(installation, limits(two_attempts)).await;
    let other = app.another(|_| {}).await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&other.anon(), HERE, ALICE.email).await), None);
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
    assert_eq!(wait(&guess(&other.anon(), HERE, ALICE.email).await), Some(15));
    let app = app.restart().await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15));
}

/// While an account is delayed, the right password is not even compared, so that guessing tells nothing. But a
/// browser that has signed in before does not wait for strangers.
#[tokio::test]
async fn a_known_browser_gets_in_while_strangers_hammer_the_account() {
    let hammered = limits(|limits| (limits.account_attempts, limits.sign_in_burst) = (2, 2));
    let app = TestApp::start_with(hammered).await;
    let known = register(&app, ALICE).await;
    for _ in 0..4 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    let stranger = sign_in(&app.anon(), HERE, ALICE.email, ALICE.password).await;
    assert_eq!(wait(&stranger), Some(15), "the address and the account have to wait");
    let elsewhere = sign_in(&app.anon(), THERE, ALICE.email, ALICE.password).await;
    assert_eq!(wait(&elsewhere), Some(15), "the account has to wait");
    is_accepted(&sign_in(&known, HERE, ALICE.email, ALICE.password).await);
    known.is_signed_in().await;
    assert_eq!(wait(&guess(&app.anon(), THERE, ALICE.email).await), Some(15), "strangers still wait");
}

#[tokio::test]
async fn a_known_browser_has_a_budget_of_its_own() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let known = register(&app, ALICE).await;
    for expected in [None, None, Some(15)] {
        assert_eq!(
            wait(&guess(&known, HERE, ALICE.email).await),
            expected,
            "a stolen cookie does not open guessing"
        );
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None, "strangers have another");
    app.clock.advance(Duration::from_secs(15));
    let thief = app.anon().with_device_cookie(known.device_cookie());
    is_accepted(&sign_in(&known, HERE, ALICE.email, ALICE.password).await);
    known.sign_out().await;
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&known, HERE, ALICE.email).await), expected, "its mistakes were forgotten");
    }
    app.clock.advance(Duration::from_secs(15));
    assert_eq!(wait(&guess(&thief, HERE, ALICE.email).await), None);
    is_accepted(&sign_in(&known, HERE, ALICE.email, ALICE.password).await);
}

#[tokio::test]
async fn no_other_cookie_makes_a_browser_known() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let (alice, bob) = (register(&app, ALICE).await, register(&app, BOB).await);
    bob.sign_in(BOB).await;
    let session = bob.cookie_value();
    let device = alice.device_cookie().expect("a cookie");
    let (payload, signature) = device.split_once('.').expect("a signature");
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    for forged in [
        bob.device_cookie().expect("a cookie"),
        format!("device_3000={session}"),
        format!("{}.{signature}", flip(payload)),
        format!("{payload}."),
        payload.to_owned(),
        device.replacen("device_3000", "device", 1),
    ] {
        let stranger = app.anon().with_device_cookie(Some(forged.clone()));
        let answer = sign_in(&stranger, HERE, ALICE.email, ALICE.password).await;
        assert_eq!(wait(&answer), Some(15), "{forged}");
    }
    is_accepted(&sign_in(&alice, HERE, ALICE.email, ALICE.password).await);
}

#[tokio::test]
async fn a_browser_is_known_for_months_and_for_each_of_its_accounts() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let shared = register(&app, ALICE).await;
    shared.register(BOB).await;
    shared.sign_out().await;
    app.clock.advance(Duration::from_hours(24 * 179));
    for user in [ALICE, BOB] {
        for _ in 0..2 {
            guess(&app.anon(), HERE, user.email).await;
        }
        assert_eq!(wait(&guess(&app.anon(), HERE, user.email).await), Some(15));
        is_accepted(&sign_in(&shared, HERE, user.email, user.password).await);
    }
    let late = app.anon().with_device_cookie(shared.device_cookie());
    app.clock.advance(Duration::from_hours(24 * 180));
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&late, HERE, ALICE.email).await), expected);
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), Some(15), "it counts as a stranger");
}

#[tokio::test]
async fn the_device_cookie_is_for_this_site_alone_and_survives_signing_out() {
    let app = TestApp::start_https().await;
    let alice = app.anon();
    let registered = alice.register(ALICE).await;
    let set = |response: &TestResponse| {
        let lines = response.set_cookies();
        lines.into_iter().find(|line| line.starts_with("__Host-device=")).map(str::to_owned)
    };
    let cookie = set(&registered).expect("a cookie");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=15552000"), "{cookie}");
    assert_eq!(set(&alice.sign_out().await), None);
    assert!(set(&alice.sign_in(ALICE).await).is_some_and(|again| again != cookie), "another at each sign-in");
    for response in [alice.get("/").await, app.anon().fail_to_sign_in(ALICE.email).await] {
        assert_eq!(set(&response), None);
    }
}

#[tokio::test]
async fn what_is_refused_writes_nothing_and_is_no_event() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    for _ in 0..2 {
        guess(&app.anon(), HERE, ALICE.email).await;
    }
    let (writes, rows) = (app.db().usage().writes, app.number(ROWS).await);
    let events = app.number("SELECT count(*) FROM events").await;
    for _ in 0..20 {
        assert!(wait(&guess(&app.anon(), HERE, ALICE.email).await).is_some());
    }
    assert_eq!((app.db().usage().writes, app.number(ROWS).await), (writes, rows));
    assert_eq!(app.number("SELECT count(*) FROM events").await, events);
}

#[tokio::test]
async fn neither_addresses_nor_emails_are_stored_with_what_is_counted() {
    let app = TestApp::start_with(limits(|_| {})).await;
    guess(&app.anon(), HERE, "nobody.knows@example.org").await;
    assert_eq!(app.number(ROWS).await, 2);
    assert!(!app.is_stored(b"nobody.knows").await);
    let rows = app.rows("SELECT key FROM limits").await;
    for row in rows {
        let key = vestibule::server::db::Row::text(&row, 0).expect("a key");
        assert_eq!(key.len(), 22, "{key}");
    }
}

#[tokio::test]
async fn fields_that_are_not_acceptable_cost_nothing() {
    let one = limits(|limits| {
        (limits.account_attempts, limits.sign_in_burst, limits.register_burst) = (1, 1, 1);
    });
    let app = TestApp::start_with(one).await;
    let anon = app.anon();
    for (email, password) in [("", ""), ("ada", "x"), (ALICE.email, ""), (ALICE.email, &"x".repeat(2000))] {
        assert_eq!(wait(&sign_in(&anon, HERE, email, password).await), None);
    }
    for password in ["", "short", ALICE.email] {
        let fields = [("name", "Ada"), ("email", ALICE.email), ("password", password)];
        assert_eq!(wait(&call(&anon, HERE, "/api/register", &fields).await), None);
    }
    assert_eq!(app.number(ROWS).await, 0);
    let alice = app.alice().await;
    let session = app.anon().with_cookie(alice.cookie());
    let rows = app.number(ROWS).await;
    for (current, new) in [("", ""), (WRONG_PASSWORD, "short"), ("", "seven impossible things")] {
        let fields = [("current_password", current), ("new_password", new)];
        assert_eq!(wait(&call(&session, HERE, "/api/change_password", &fields).await), None);
    }
    assert_eq!(app.number(ROWS).await, rows);
}

#[tokio::test]
async fn registrations_from_an_address_are_limited() {
    let app = TestApp::start_with(limits(|limits| limits.register_burst = 2)).await;
    let register = async |from: &str, email: &str| {
        let fields = [("name", "Ada"), ("email", email), ("password", ALICE.password)];
        wait(&call(&app.anon(), from, "/api/register", &fields).await)
    };
    for (email, expected) in [("a@x", None), ("b@x", None), ("c@x", Some(180))] {
        assert_eq!(register(HERE, email).await, expected, "{email}");
    }
    assert_eq!(register(THERE, "c@x").await, None);
    app.clock.advance(3 * MINUTE);
    assert_eq!(register(HERE, "d@x").await, None);
}

/// The thief of a session cannot guess the password, neither to confirm nor to change it; and the owner can still
/// do both.
#[tokio::test]
async fn a_thief_of_the_session_cannot_guess_the_password() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let alice = app.alice().await;
    let thief = app.anon().with_cookie(alice.cookie());
    let change = |current| [("current_password", current), ("new_password", "seven impossible things")];
    let confirm = |password| [("password", password)];
    assert_eq!(wait(&call(&thief, HERE, "/api/confirm", &confirm(WRONG_PASSWORD)).await), None);
    assert_eq!(wait(&call(&thief, HERE, "/api/change_password", &change(WRONG_PASSWORD)).await), None);
    assert_eq!(wait(&call(&thief, HERE, "/api/confirm", &confirm(ALICE.password)).await), Some(15));
    assert_eq!(wait(&call(&thief, HERE, "/api/change_password", &change(ALICE.password)).await), Some(15));
    is_accepted(&call(&alice, HERE, "/api/confirm", &confirm(ALICE.password)).await);
    is_accepted(&call(&alice, HERE, "/api/change_password", &change(ALICE.password)).await);
}

#[tokio::test]
async fn an_address_that_guesses_to_confirm_is_limited_too() {
    let app = TestApp::start_with(limits(burst_of_two)).await;
    let thief = app.anon().with_cookie(app.alice().await.cookie());
    for expected in [None, None, Some(10)] {
        let response = call(&thief, HERE, "/api/confirm", &[("password", WRONG_PASSWORD)]).await;
        assert_eq!(wait(&response), expected);
    }
    assert_eq!(wait(&guess(&app.anon(), HERE, BOB.email).await), None, "signing in is counted apart");
}

/// If the counters cannot be read or written, neither everyone gets in nor no one: this process counts.
for_every_database!(without_its_table_each_process_counts_for_itself);
async fn without_its_table_each_process_counts_for_itself(installation: Installation) {
    let app = TestApp::start_in(installation, limits(two_attempts)).await;
    register(&app, BOB).await;
    app.execute("ALTER TABLE limits RENAME TO lost_limits").await;
    for _ in 0..3 {
        is_accepted(&sign_in(&app.anon(), HERE, BOB.email, BOB.password).await);
    }
    for expected in [None, None, Some(15)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
    app.clock.advance(Duration::from_secs(15));
    for expected in [None, Some(30)] {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), expected);
    }
    app.execute("ALTER TABLE lost_limits RENAME TO limits").await;
    assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None, "the database counts again");
}

for_every_database!(counters_that_say_nothing_are_removed);
async fn counters_that_say_nothing_are_removed(installation: Installation) {
    let app = TestApp::start_in(installation, limits(|_| {})).await;
    guess(&app.anon(), HERE, "a@example.org").await;
    app.clock.advance(30 * MINUTE);
    guess(&app.anon(), THERE, "b@example.org").await;
    let purge = async || while app.state.app.limits.purge_batch().await.expect("purged") {};
    purge().await;
    assert_eq!(app.number(ROWS).await, 3, "the first address has nothing counted any more");
    app.clock.advance(30 * MINUTE);
    purge().await;
    assert_eq!(app.number(ROWS).await, 1);
    app.clock.advance(30 * MINUTE);
    purge().await;
    assert_eq!(app.number(ROWS).await, 0);
}

#[tokio::test]
async fn each_limit_can_be_switched_off() {
    let off = limits(|limits| {
        (limits.requests_burst, limits.sign_in_burst) = (0, 0);
        (limits.register_burst, limits.account_attempts) = (0, 0);
    });
    let app = TestApp::start_with(off).await;
    for _ in 0..8 {
        assert_eq!(wait(&guess(&app.anon(), HERE, ALICE.email).await), None);
    }
    app.alice().await;
    assert_eq!(app.number(ROWS).await, 0);
}

#[tokio::test]
async fn a_browser_without_javascript_gets_a_page_with_the_way_back() {
    let app = TestApp::start_with(limits(two_attempts)).await;
    let anon = app.anon();
    let fields = [("email", ALICE.email), ("password", WRONG_PASSWORD), ("next", "/account")];
    for _ in 0..2 {
        anon.post("/api/sign_in", &fields).await.leads_to("/login?next=%2Faccount");
    }
    let refused = anon.post("/api/sign_in", &fields).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(header::RETRY_AFTER), "15");
    assert_eq!(refused.header(header::CACHE_CONTROL), "no-store, no-transform");
    assert!(refused.header(header::CONTENT_TYPE).starts_with("text/html"));
    let page = refused.text();
    for part in [
        "Too many attempts",
        "Please wait <span>15 seconds</span>, then try again.",
        "data-wait=\"15\"",
        "<script type=\"module\" src=\"/countdown.js?",
        "href=\"/login?next=%2Faccount\"",
        "Back to the form",
    ] {
        assert!(page.contains(part), "{part:?} is not in {page}");
    }
    assert!(!page.contains(WRONG_PASSWORD));
    anon.get("/login?next=%2Faccount").await.shows(ALICE.email);
}

#[tokio::test]
async fn requests_are_limited_before_a_session_is_read() {
    let few = limits(|limits| {
        (limits.requests_burst, limits.requests_interval) = (3, Duration::from_secs(100));
    });
    let app = TestApp::start_with(few).await;
    let anon = app.anon();
    let get = async |path: &str, from: &str| {
        anon.request(Method::GET, path).accept("text/html").header("x-forwarded-for", from).send().await
    };
    for _ in 0..3 {
        assert_eq!(get("/login", HERE).await.status, StatusCode::OK);
    }
    let usage = app.db().usage();
    let refused = get("/login?next=%2Faccount", HERE).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header(header::RETRY_AFTER), "100");
    assert!(
        refused.text().contains("Please wait <span>1:40 minutes</span>, then try again."),
        "{}",
        refused.text()
    );
    assert!(refused.text().contains("href=\"/login?next=%2Faccount\">Try again</a>"), "{}", refused.text());
    let events = anon.request(Method::GET, "/session/events").header("x-forwarded-for", HERE).send().await;
    assert_eq!(events.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(events.text(), "Too many attempts. Please wait 1:40 minutes, then try again.\n");
    assert_eq!(wait(&call(&anon, HERE, "/api/session_status", &[]).await), Some(100));
    assert_eq!(app.db().usage(), usage, "nothing was read");
    for path in ["/robots.txt", "/healthz", "/readyz", "/start.js"] {
        for _ in 0..5 {
            assert_eq!(get(path, HERE).await.status, StatusCode::OK, "{path}");
        }
    }
    assert_eq!(get("/login", THERE).await.status, StatusCode::OK, "another address");
}
