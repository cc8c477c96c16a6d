//! While a release is rolled out, open pages of the one before ask the processes of the next, and the other way
//! round. What both must understand changes only by additions.

use std::fs;

use http::StatusCode;
use serde_json::json;
use vestibule::{
    access::Function,
    api::FUNCTIONS,
    model::{DisplayTime, EndReason, SessionEvent, SessionState, SessionTimes},
};

use crate::support::{ALICE, Installation, Stores, TestApp};

/// What open pages post to.
const ENDPOINTS: [&str; 11] = [
    "/api/change_password",
    "/api/confirm",
    "/api/end_other_sessions",
    "/api/end_session",
    "/api/rate_password",
    "/api/register",
    "/api/rename",
    "/api/session_status",
    "/api/sign_in",
    "/api/sign_out",
    "/api/stay",
];
/// What a later migration must not do, as it would break the processes that still run.
const NOT_ADDING: [&str; 6] =
    ["DROP TABLE", "DROP COLUMN", "RENAME", "ALTER COLUMN", "DELETE FROM", "UPDATE "];

#[test]
fn the_endpoints_of_the_release_before_are_still_there() {
    let paths: Vec<_> = FUNCTIONS.iter().map(|Function { path, .. }| *path).collect();
    for endpoint in ENDPOINTS {
        assert!(paths.contains(&endpoint), "{endpoint}");
    }
}

#[test]
fn session_events_keep_their_form() {
    let time = |at| DisplayTime { at, machine: "m".to_owned(), exact: "e".to_owned() };
    let times =
        SessionTimes { now: 1, started: time(2), last_active: time(3), ends: time(4), extendable: true };
    let state = SessionState::Ending { seconds: 119, extendable: true };
    let event = SessionEvent { session: Some("handle".to_owned()), state, times: Some(times) };
    let shown = |at: i64| json!({ "at": at, "machine": "m", "exact": "e" });
    let expected = json!({
        "session": "handle",
        "state": { "ending": { "seconds": 119, "extendable": true } },
        "times": { "now": 1, "started": shown(2), "last_active": shown(3), "ends": shown(4), "extendable": true },
    });
    assert_eq!(json!(event), expected);
    assert_eq!(json!(SessionState::Live), json!("live"));
    let ended = SessionState::Ended { reason: Some(EndReason::SignedOut) };
    assert_eq!(json!(ended), json!({ "ended": { "reason": "signed_out" } }));
}

#[tokio::test]
async fn files_of_the_release_before_are_still_served() {
    let installation = Installation::on(Stores::chosen());
    let pkg = installation.config.http.site_root.join("pkg");
    for extension in ["js", "wasm", "css"] {
        fs::write(pkg.join(format!("vestibule.Before12.{extension}")), "before").expect("written");
    }
    fs::write(pkg.join("hash.txt"), "js: Ab12Cd34\nwasm: Ef56Gh78\ncss: Ij90Kl12\n").expect("written");
    let app = TestApp::start_in(installation, |_| {}).await;
    let before = app.anon().get("/pkg/vestibule.Before12.js").await;
    assert_eq!((before.status, before.text()), (StatusCode::OK, "before"));
    let login = app.anon().get("/login").await;
    login.shows("/pkg/vestibule.Ab12Cd34.js");
    login.hides("Before12");
}

#[tokio::test]
async fn a_form_of_the_release_before_may_lack_a_field_that_is_new_and_have_one_that_is_gone() {
    let app = TestApp::start().await;
    app.alice().await;
    let visitor = app.anon();
    let fields = [("email", ALICE.email), ("password", ALICE.password), ("captcha", "of another release")];
    visitor.post("/api/sign_in", &fields).await.leads_to("/");
    visitor.is_signed_in().await;
}

#[test]
fn migrations_only_add() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/db/migrations");
    for file in fs::read_dir(folder).expect("the migrations").map(|file| file.expect("a file").path()) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let number: u32 = name[..4].parse().expect("a number");
        // A trigger that guards a table may be replaced; it changes no row itself.
        let sql = fs::read_to_string(&file).expect("its text").to_uppercase().replace("BEFORE UPDATE O", "");
        // Those before were made when there was only one process.
        for words in NOT_ADDING.into_iter().filter(|_| number >= 5) {
            assert!(!sql.contains(words), "{name}: {words}");
        }
    }
}

#[tokio::test]
async fn the_release_before_records_events_in_the_schema_of_this_one() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.execute(
        "INSERT INTO events (at, account_id, session, address, user_agent, kind, details) \
         SELECT created_at, id, NULL, '::1', 'of the release before', 'stepped_up', '{}' FROM accounts",
    )
    .await;
    alice.get("/account/activity").await.shows("Confirmed by password<");
}
