//! What changes nothing writes nothing: a stranger's mistakes cost no row, nor do those of a person who is signed in.

use vestibule::{access::Function, api::FUNCTIONS};

use crate::support::{ALICE, TestApp, WRONG_PASSWORD};

const FIELDS: [&str; 9] = [
    "name",
    "email",
    "password",
    "current_password",
    "new_password",
    "session",
    "remember",
    "next",
    "unknown",
];
/// None of them is an email address, a name or a handle.
const GARBAGE: [&str; 4] = ["", "\u{0}", "\u{202e}' OR 1=1 --", "{\"a\":[1]}"];

/// How many rows there are in each table, and sessions wherever they are.
async fn rows(app: &TestApp) -> [i64; 4] {
    [
        app.number("SELECT count(*) FROM accounts").await,
        app.number("SELECT count(*) FROM events").await,
        app.number("SELECT count(*) FROM ended_sessions").await,
        i64::try_from(app.sessions().await.len()).expect("a small number"),
    ]
}

#[tokio::test]
async fn nothing_that_a_stranger_posts_by_mistake_is_stored() {
    let app = TestApp::start().await;
    app.alice().await;
    let before = rows(&app).await;
    let stranger = app.anon();
    for Function { path, .. } in FUNCTIONS {
        for visitor in [&stranger, &app.anon().with_cookie(Some("id=forged".to_owned()))] {
            for garbage in GARBAGE {
                let fields = FIELDS.map(|field| (field, garbage));
                for fields in [&fields[..], &[]] {
                    visitor.post(path, fields).await;
                    visitor.call(path, fields).await;
                }
            }
            visitor.request(http::Method::POST, path).body(vec![0xff; 100]).send().await;
        }
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn refused_sign_ins_cost_a_row_for_an_account_and_a_minute() {
    let app = TestApp::start().await;
    app.alice().await;
    let before = app.number("SELECT count(*) FROM events").await;
    for _ in 0..4 {
        for email in [ALICE.email, "nobody@example.org", "another@example.org"] {
            app.anon().call("/api/sign_in", &[("email", email), ("password", WRONG_PASSWORD)]).await;
        }
    }
    assert_eq!(app.number("SELECT count(*) FROM events").await, before + 2);
    assert_eq!(app.sessions().await.len(), 1);
}

#[tokio::test]
async fn what_changes_nothing_is_not_recorded() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let (before, name) = (rows(&app).await, [("name", ALICE.name)]);
    let handle = [("session", "AAAAAAAAAAAAAAAA")];
    for (path, fields) in [
        ("/api/rename", &name[..]),
        ("/api/end_session", &handle),
        ("/api/end_other_sessions", &[]),
        ("/api/stay", &[]),
        ("/api/session_status", &[]),
        ("/api/confirm", &[("password", "")]),
        ("/api/change_password", &[("current_password", ""), ("new_password", "")]),
    ] {
        for _ in 0..3 {
            alice.post(path, fields).await;
        }
        assert_eq!(rows(&app).await, before, "{path}");
    }
    let writes = app.settled_usage().await.writes;
    alice.call("/api/rename", &name).await;
    alice.call("/api/stay", &[]).await;
    assert_eq!(app.db().usage().writes, writes, "not even a transaction");
    alice.sign_out().await;
    let after = rows(&app).await;
    alice.sign_out().await;
    alice.copy().sign_out().await;
    assert_eq!(rows(&app).await, after);
}
