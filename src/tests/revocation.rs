//! Ending sessions, the list of sessions, and the messages about ended ones.

use std::time::Duration;

use http::{Method, StatusCode};
use vestibule::{
    model::EndReason,
    server::{domain::Client, sessions::Selection},
};

use crate::support::{ALICE, Actor, BOB, TestApp};

const HOUR: Duration = Duration::from_hours(1);

async fn handle_of(app: &TestApp, actor: &Actor) -> String {
    app.session_of(actor).await.handle
}

async fn end(actor: &Actor, handle: &str) -> crate::support::TestResponse {
    actor.post("/api/end_session", &[("session", handle)]).await
}

/// Asserts that a protected page redirects to sign-in, which shows this message.
async fn assert_end_message(actor: &Actor, message: &str) {
    let response = actor.get("/account/sessions").await;
    response.leads_to("/login?next=%2Faccount%2Fsessions");
    assert_eq!(response.set_cookies(), [""; 0], "the cookie is kept for the message");
    actor.get(response.location()).await.shows(message);
}

#[tokio::test]
async fn a_session_can_be_ended_from_another() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let handle = handle_of(&app, &phone).await;

    end(&laptop, &handle).await.leads_to("/account/sessions");

    laptop.get("/account/sessions").await.shows("The session has ended.");
    assert_end_message(&phone, "This session was ended from another device.").await;
    laptop.is_signed_in().await;
    end(&laptop, &handle).await.leads_to("/account/sessions");
    laptop.get("/account/sessions").await.shows("That session had ended already.");
}

#[tokio::test]
async fn all_other_sessions_can_be_ended_at_once() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    let others = [app.anon(), app.anon(), app.anon()];
    for other in &others {
        other.sign_in_remembered(ALICE).await;
    }
    laptop.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    laptop.get("/account/sessions").await.shows("3 other sessions have ended.");
    for other in &others {
        assert_end_message(other, "This session was ended from another device.").await;
    }
    laptop.get("/account/sessions").await.shows("You are not signed in anywhere else.");
}

#[tokio::test]
async fn sessions_of_other_accounts_cannot_be_ended() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.alice().await, app.anon());
    let handle = handle_of(&app, &alice).await;
    bob.register(BOB).await;
    for handle in [handle.as_str(), "", "x", "\0", "' OR 1=1 --", &"a".repeat(5000)] {
        end(&bob, handle).await.leads_to("/account/sessions");
        bob.get("/account/sessions").await.shows("That session had ended already.");
    }
    bob.post("/api/end_other_sessions", &[]).await.leads_to("/account/sessions");
    alice.is_signed_in().await;
    bob.is_signed_in().await;
}

#[tokio::test]
async fn ending_the_current_session_is_a_sign_out() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    end(&alice, &handle_of(&app, &alice).await).await.leads_to("/login");
    assert_eq!(alice.cookie(), None);
}

#[tokio::test]
async fn ending_sessions_requires_a_step_up() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let handle = handle_of(&app, &phone).await;
    app.clock.advance(Duration::from_mins(16));

    let to_confirm = "/confirm?next=%2Faccount%2Fsessions";
    end(&laptop, &handle).await.leads_to(to_confirm);
    laptop.post("/api/end_other_sessions", &[]).await.leads_to(to_confirm);
    let response = laptop.call("/api/end_session", &[("session", &handle)]).await;
    assert_eq!((response.status, response.text()), (StatusCode::FORBIDDEN, r#""ConfirmRequired""#));
    phone.is_signed_in().await;
    laptop.get("/account/sessions").await.shows("asked for your password first");

    laptop.post("/api/confirm", &[("password", ALICE.password)]).await.leads_to("/");
    end(&laptop, &handle).await.leads_to("/account/sessions");
    phone.is_signed_out().await;
}

#[tokio::test]
async fn the_sign_in_page_shows_why_a_session_ended() {
    let app = TestApp::start().await;
    let idle = app.alice().await;
    app.clock.advance(13 * HOUR);
    assert_end_message(&idle, "after a while without activity").await;

    let (busy, tab) = (app.anon(), app.anon());
    busy.sign_in(ALICE).await;
    for _ in 0..23 {
        app.clock.advance(HOUR);
        busy.is_signed_in().await;
    }
    app.clock.advance(2 * HOUR);
    assert_end_message(&busy, "your session reached its maximum length").await;

    tab.sign_in(ALICE).await;
    let copy = tab.copy();
    tab.sign_out().await;
    assert_end_message(&copy, "You have signed out.").await;
}

#[tokio::test]
async fn the_reason_of_an_expiry_is_shown_before_and_after_a_purge() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(13 * HOUR);
    assert_end_message(&alice, "after a while without activity").await;
    app.purge().await;
    assert_end_message(&alice, "after a while without activity").await;
    app.clock.advance(8 * 24 * HOUR);
    app.purge().await;
    alice.is_signed_out().await;
    alice.get("/login").await.hides("without activity");
}

#[tokio::test]
async fn an_administrator_ends_all_sessions_of_an_account() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    let all = Selection::All(app.account_id().await);
    let (reason, client) = (EndReason::EndedByAdministrator, Client::command_line());
    let ended = app.state.app.sessions.revoke(all, reason, &client).await;
    assert_eq!(ended.expect("ended"), 2);
    for actor in [alice, phone] {
        assert_end_message(&actor, "An administrator ended this session.").await;
    }
}

#[tokio::test]
async fn visitors_and_signed_in_users_see_no_end_message() {
    let app = TestApp::start().await;
    app.anon().get("/login").await.hides("class=\"note\"");
    let alice = app.alice().await;
    let before = alice.copy();
    alice.sign_in(ALICE).await;
    before.get("/login").await.hides("class=\"note\"");
}

#[tokio::test]
async fn the_list_shows_the_current_session_first() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    laptop.get("/").await;
    app.clock.advance(Duration::from_hours(2));
    laptop.get("/").await;
    app.clock.advance(Duration::from_secs(30));
    let form = [("email", ALICE.email), ("password", ALICE.password), ("remember", "on")];
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) Version/26.0 Mobile Safari/604.1";
    let phone = app.anon();
    phone.request(Method::POST, "/api/sign_in").header("user-agent", iphone).form(&form).send().await;

    let page = laptop.get("/account/sessions").await;
    let (first, second) = page
        .text()
        .split_once("<li class=\"card\">")
        .expect("a card")
        .1
        .split_once("<li class=\"card\">")
        .expect("two cards");
    for text in ["An unknown browser", "This device", "127.0.0.1", ">2 hours ago<", ">just now<", ">Password"]
    {
        assert!(first.contains(text), "{text:?} is not in {first}");
    }
    for text in ["Safari on iPhone", "127.0.0.1", "End session", "(kept signed in)"] {
        assert!(second.contains(text), "{text:?} is not in {second}");
    }
    assert!(!first.contains("End session"), "the current session has no such button");
    assert!(!second.contains("This device"));
}

#[tokio::test]
async fn the_list_shows_no_secret() {
    let app = TestApp::start().await;
    let laptop = app.alice().await;
    app.anon().sign_in(ALICE).await;
    let page = laptop.get("/account/sessions").await;
    page.hides(&laptop.cookie_value()[..22]);
    for session in app.sessions().await {
        page.hides(&session.id_hash);
    }
}

#[tokio::test]
async fn an_operator_can_list_and_end_sessions_on_the_command_line() {
    // The command uses the clock of the machine, which is ahead of the one of the test.
    let app = TestApp::start_with(|config| {
        config.sessions.absolute_timeout = Duration::from_hours(24 * 3650);
        config.sessions.idle_timeout = config.sessions.absolute_timeout;
    })
    .await;
    let (alice, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let handle = handle_of(&app, &phone).await;
    assert_eq!(app.run(&["session", "list", ALICE.email]).await.lines().count(), 2);
    assert!(app.run(&["session", "list", ALICE.email]).await.contains(&handle));

    let none = app.run(&["session", "end", ALICE.email, "--session", "-begins-like-an-option"]).await;
    let refused =
        "vestibule: the account has no session \"-begins-like-an-option\": `vestibule session list` shows";
    assert!(none.starts_with(refused), "a handle may begin with a hyphen: {none}");
    assert_eq!(app.run(&["session", "end", ALICE.email, "--session", &handle]).await, "Ended 1 session.\n");
    assert_end_message(&phone, "An administrator ended this session.").await;
    alice.get("/account/activity").await.shows("Command line of the server");
    assert_eq!(app.run(&["session", "end", "ALICE@example.org"]).await, "Ended 1 session.\n");
    alice.is_signed_out().await;
    assert_eq!(app.run(&["session", "list", ALICE.email]).await, "No sessions.\n");
    let unknown = app.run(&["session", "end", "nobody@example.org"]).await;
    assert!(
        unknown.contains("there is no account with the email address \"nobody@example.org\""),
        "{unknown}"
    );
}

#[tokio::test]
async fn an_operator_can_end_all_sessions_of_all_accounts() {
    let app = TestApp::start_with(|config| {
        config.sessions.absolute_timeout = Duration::from_hours(24 * 3650);
        config.sessions.idle_timeout = config.sessions.absolute_timeout;
    })
    .await;
    let (alice, phone, bob) = (app.alice().await, app.anon(), app.anon());
    phone.sign_in(ALICE).await;
    bob.register(BOB).await;
    let refused = app.run(&["session", "end", "--all"]).await;
    assert!(refused.contains("[y/N]") && refused.contains("nothing was ended"), "{refused}");
    for wrong in [&["session", "end"][..], &["session", "end", ALICE.email, "--all"]] {
        assert!(app.run(wrong).await.contains("Usage:"), "{wrong:?}");
    }
    bob.is_signed_in().await;
    assert_eq!(app.run(&["session", "end", "--all", "--yes"]).await, "Ended 3 sessions.\n");
    for actor in [&alice, &phone, &bob] {
        assert_end_message(actor, "An administrator ended this session.").await;
    }
    assert_eq!(app.number("SELECT count(*) FROM events WHERE kind = 'session_ended'").await, 3);
    assert_eq!(app.run(&["session", "end", "--all", "--yes"]).await, "Ended 0 sessions.\n");
    bob.sign_in(BOB).await;
    bob.is_signed_in().await;
}
