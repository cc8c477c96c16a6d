//! The audit log.

use std::time::Duration;

use vestibule::{
    model::EndReason,
    server::{
        audit,
        db::{OwnedRow, Row, Statement},
        domain::{Client, Clock, error_chain},
        sessions::Selection,
    },
};

use crate::support::{ALICE, BOB, Installation, TestApp, WRONG_PASSWORD, for_every_database};

const DAY: Duration = Duration::from_hours(24);

/// Kinds and details, oldest first.
async fn log(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT kind, details FROM events ORDER BY number").await;
    rows.iter()
        .map(|row| format!("{} {}", text(row, 0).expect("a kind"), text(row, 1).expect("details")))
        .collect()
}

/// A column of text; `None` if it is NULL.
fn text(row: &OwnedRow, column: usize) -> Option<String> {
    row.text_or_null(column).expect("text")
}

#[tokio::test]
async fn security_events_are_recorded() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    alice.sign_in(ALICE).await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    app.anon().fail_to_sign_in("nobody@example.org").await;
    let phone = app.anon();
    phone.sign_in(ALICE).await;
    alice.post("/api/end_other_sessions", &[]).await;
    alice.post("/api/confirm", &[("password", WRONG_PASSWORD)]).await;
    alice.post("/api/confirm", &[("password", ALICE.password)]).await;
    alice.post("/api/rename", &[("name", "Alice")]).await;
    alice
        .post(
            "/api/change_password",
            &[("current_password", "x"), ("new_password", "seven impossible things")],
        )
        .await;
    let passwords = [("current_password", ALICE.password), ("new_password", "seven impossible things")];
    alice.post("/api/change_password", &passwords).await;
    alice.sign_out().await;

    let expected = [
        "registered {}",
        "signed_in {}",
        "signed_in {}", // the previous session is replaced without an event
        "sign_in_refused {}",
        "sign_in_refused {}",
        "signed_in {}",
        "new_device {}",
        r#"session_ended {"reason":"ended_elsewhere","user_agent":""}"#,
        "step_up_refused {}",
        "stepped_up {}",
        "name_changed {}",
        "password_change_refused {}",
        "password_changed {}",
        "signed_out {}",
    ];
    assert_eq!(log(&app).await, expected);
}

#[tokio::test]
async fn an_event_has_account_session_address_user_agent_and_time() {
    let app = TestApp::start().await;
    let alice = app.anon();
    let form = [("name", ALICE.name), ("email", ALICE.email), ("password", ALICE.password)];
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    alice.request(http::Method::POST, "/api/register").header("user-agent", firefox).form(&form).send().await;

    let (account, started) = (app.account_id().await, app.live_session().await);
    let rows =
        app.rows("SELECT account_id, session, address, user_agent, at FROM events ORDER BY number").await;
    for (row, session) in rows.iter().zip([None, Some(started.handle)]) {
        assert_eq!(text(row, 0).as_deref(), Some(account.as_str()));
        assert_eq!(text(row, 1), session);
        assert_eq!(text(row, 2).as_deref(), Some("127.0.0.1"));
        assert_eq!(text(row, 3).as_deref(), Some(firefox));
        assert_eq!(row.integer(4).expect("a time"), started.created_at);
    }
    alice.get("/account/activity").await.shows("Firefox on Linux, 127.0.0.1, ");
}

#[tokio::test]
async fn a_refused_sign_in_of_an_unknown_account_records_no_input() {
    let app = TestApp::start().await;
    app.anon().fail_to_sign_in("my password by mistake@example.org").await;
    app.anon().fail_to_sign_in("mistake@example.org").await;
    let rows = app.rows("SELECT account_id, session, details FROM events").await;
    assert_eq!(rows.len(), 1, "an invalid address is rejected before any password is checked");
    assert_eq!([0, 1, 2].map(|column| text(&rows[0], column)), [None, None, Some("{}".to_owned())]);
}

#[tokio::test]
async fn evidence_is_neither_changed_nor_removed() {
    let app = TestApp::start().await;
    app.alice().await;
    let attempts = [
        "UPDATE events SET kind = 'signed_in'",
        "UPDATE events SET account_id = 'b', count = count + 1, last_at = at",
        "UPDATE events SET at = at + 1, count = count + 1, last_at = at + 1",
        "UPDATE events SET address = '::2', count = count + 1, last_at = at",
        "UPDATE events SET details = '{\"a\":1}', count = count + 1, last_at = at",
        "UPDATE events SET count = count - 1, last_at = at",
        "UPDATE events SET count = count + 1, last_at = at - 1",
        "DELETE FROM events",
    ];
    let refuse = async || {
        for attempt in attempts {
            let refused = Statement::new(attempt).query().execute(app.db().writer()).await;
            let refused = refused.expect_err(attempt);
            assert!(error_chain(&refused).contains("only ever added to"), "{refused}");
        }
    };
    refuse().await;
    app.clock.advance(DAY * 6);
    app.anon().fail_to_sign_in(ALICE.email).await;
    refuse().await;
    assert_eq!(log(&app).await.len(), 3);
}

#[tokio::test]
async fn entries_are_removed_by_kind_and_age() {
    let app = TestApp::start().await;
    app.alice().await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    app.anon().fail_to_sign_in("nobody@example.org").await;
    let left_after = async |days: u32| {
        app.clock.advance(DAY * days);
        app.execute(
            "INSERT INTO events (at, address, user_agent, kind, details) \
             SELECT max(at) + 1000000000, '', '', 'newest', '{}' FROM events",
        )
        .await;
        app.purge_events().await;
        log(&app).await.into_iter().filter(|line| !line.starts_with("newest")).collect::<Vec<_>>()
    };
    let all = ["registered {}", "signed_in {}", "sign_in_refused {}", "sign_in_refused {}"];
    assert_eq!(left_after(29).await, all);
    assert_eq!(left_after(2).await, all[..3]);
    assert_eq!(left_after(58).await, all[..3]);
    assert_eq!(left_after(2).await, all[..2]);
    assert_eq!(left_after(308).await, all[..2]);
    assert_eq!(left_after(2).await, [""; 0]);
}

#[tokio::test]
async fn old_entries_are_removed_in_small_batches() {
    let app = TestApp::start().await;
    app.alice().await;
    app.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1450) \
         INSERT INTO events (at, address, user_agent, kind, details) \
         SELECT n, '', '', 'sign_in_refused', '{}' FROM numbers",
    )
    .await;
    let mut left = Vec::new();
    loop {
        let more = audit::purge_batch(app.db(), &app.config.audit, app.clock.now()).await.expect("purged");
        left.push(app.number("SELECT count(*) FROM events").await);
        if !more {
            break;
        }
    }
    // Up to 200 by each of three rules.
    assert_eq!(left[..3], [852, 252, 2], "{left:?}");
}

#[tokio::test]
async fn refused_attempts_of_a_minute_are_counted_in_one_entry() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for _ in 0..3 {
        app.anon().fail_to_sign_in(ALICE.email).await;
        app.anon().fail_to_sign_in("nobody@example.org").await;
        app.anon().fail_to_sign_in("another@example.org").await;
        alice.post("/api/confirm", &[("password", WRONG_PASSWORD)]).await;
        app.clock.advance(Duration::from_secs(10));
    }
    let counts = "SELECT count, last_at - at FROM events WHERE kind LIKE '%refused' ORDER BY number";
    let numbers = |row: &OwnedRow| [0, 1].map(|column| row.integer(column).expect("a number"));
    let counted: Vec<_> = app.rows(counts).await.iter().map(numbers).collect();
    assert_eq!(counted, [[3, 20_000], [6, 20_000], [3, 20_000]]);
    let activity = alice.get("/account/activity").await;
    activity.shows("Sign-in refused: wrong password (3 times)");
    activity.shows("Confirmation refused: wrong password (3 times)");
    app.clock.advance(Duration::from_mins(1));
    app.anon().fail_to_sign_in(ALICE.email).await;
    let rows = "SELECT count(*) FROM events WHERE kind = 'sign_in_refused' AND account_id IS NOT NULL";
    assert_eq!(app.number(rows).await, 2);
}

#[tokio::test]
async fn a_thief_cannot_push_a_sign_in_out_of_sight() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = app.anon();
    thief.sign_in(ALICE).await;
    for number in 0..45 {
        thief.post("/api/rename", &[("name", &format!("Alice {number}"))]).await;
    }
    let activity = alice.get("/account/activity").await;
    activity.shows("Name changed (45 times)");
    assert_eq!(activity.text().matches(">Signed in<").count(), 2);
    let sign_ins = alice.get("/account/activity?show=sign-ins").await;
    assert_eq!(sign_ins.text().matches("class=\"what\"").count(), 2, "{}", sign_ins.text());
    sign_ins.hides("Name changed");
    sign_ins.hides("Account created");
}

#[tokio::test]
async fn a_password_that_was_not_checked_is_not_recorded() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let before = log(&app).await;
    alice.post("/api/confirm", &[("password", "")]).await;
    alice.post("/api/change_password", &[("current_password", ""), ("new_password", "")]).await;
    app.anon().post("/api/sign_in", &[("email", ALICE.email), ("password", "")]).await;
    assert_eq!(log(&app).await, before);
}

#[tokio::test]
async fn a_sign_out_by_another_account_in_the_same_browser_is_recorded() {
    let app = TestApp::start().await;
    let browser = app.alice().await;
    browser.register(BOB).await;
    assert_eq!(log(&app).await.iter().filter(|line| line.starts_with("signed_out")).count(), 1);
    let alice = app.anon();
    alice.sign_in(ALICE).await;
    alice.get("/account/activity").await.shows("Signed out");
}

#[tokio::test]
async fn an_expiry_is_recorded_once() {
    let app = TestApp::start().await;
    app.alice().await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    app.clock.advance(Duration::from_hours(13));
    for _ in 0..3 {
        app.purge().await;
        app.clock.advance(Duration::from_hours(5 * 24));
    }
    let expiries: Vec<_> = log(&app).await.into_iter().filter(|line| line.contains("expired_idle")).collect();
    assert_eq!(expiries.len(), 1, "{expiries:?}");
    let at = app.number("SELECT at FROM events WHERE kind = 'session_ended'").await;
    let started = app.number("SELECT at FROM events WHERE kind = 'registered'").await;
    assert_eq!(at - started, 12 * 60 * 60 * 1000, "the time of the expiry, not of the purge");
}

#[tokio::test]
async fn users_see_only_their_own_activity() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.alice().await, app.anon());
    bob.register(BOB).await;
    app.anon().fail_to_sign_in(ALICE.email).await;
    alice.get("/account/activity").await.shows("Sign-in refused: wrong password");
    bob.get("/account/activity").await.hides("Sign-in refused");
}

#[tokio::test]
async fn activity_is_paginated_newest_first() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    add_sign_ins(&app).await;
    let entries = async |path| {
        let page = alice.get(path).await;
        page.shows("Activity");
        (
            page.text().matches("class=\"what\"").count(),
            page.text().contains(">Older<"),
            page.text().contains(">Newer<"),
        )
    };
    assert_eq!(entries("/account/activity").await, (20, true, false));
    assert_eq!(entries("/account/activity?page=2").await, (20, true, true));
    assert_eq!(entries("/account/activity?page=3").await, (7, false, true), "47 events in total");
    assert_eq!(entries("/account/activity?page=4").await, (0, false, true));
    for invalid in ["0", "-1", "abc", "", "4294967295", "99999999999999999999"] {
        assert_eq!(alice.get(&format!("/account/activity?page={invalid}")).await.status, 200, "{invalid}");
    }
    alice.get("/account/activity?page=3").await.shows("Account created");
    alice.get("/account/activity").await.hides("Account created");
    let sign_ins = alice.get("/account/activity?show=sign-ins&page=2").await;
    sign_ins.shows("href=\"/account/activity?show=sign-ins&amp;page=3\"");
    sign_ins.shows("href=\"/account/activity?show=sign-ins\" rel=\"prev\"");
    assert_eq!(entries("/account/activity?show=sign-ins&page=3").await, (6, false, true));
    alice.get("/account/activity?show=sign-ins&page=3").await.hides("Account created");
}

/// 45 sign-ins of all accounts.
async fn add_sign_ins(app: &TestApp) {
    app.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 45) \
         INSERT INTO events (at, account_id, address, user_agent, kind, details) \
         SELECT created_at, id, '::1', '', 'signed_in', '{}' FROM accounts, numbers",
    )
    .await;
}

for_every_database!(the_end_of_a_session_that_cannot_be_read_is_recorded);
async fn the_end_of_a_session_that_cannot_be_read_is_recorded(installation: Installation) {
    let app = TestApp::start_in(installation, |_| {}).await;
    app.alice().await;
    assert!(app.damage_sessions(&[("methods", "telepathy")]).await);
    let all = Selection::All(app.account_id().await);
    let (reason, client) = (EndReason::EndedByAdministrator, Client::command_line());
    assert_eq!(app.state.app.sessions.revoke(all, reason, &client).await.expect("ended"), 1);
    let ended = r#"session_ended {"reason":"ended_by_administrator","user_agent":""}"#;
    assert_eq!(log(&app).await.last().map(String::as_str), Some(ended));

    app.anon().sign_in(ALICE).await;
    app.execute("UPDATE sessions SET methods = 'telepathy'").await;
    app.clock.advance(Duration::from_hours(13));
    app.purge().await;
    let expired = r#"session_ended {"reason":"expired_idle","user_agent":""}"#;
    assert_eq!(log(&app).await.last().map(String::as_str), Some(expired));
}
