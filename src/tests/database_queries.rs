//! How many database reads and writes a request needs.

use std::time::Duration;

use vestibule::server::db::Usage;

use crate::support::{ALICE, Stores, TestApp};

/// The reads and writes of `work`.
async fn cost<T>(app: &TestApp, work: impl Future<Output = T>) -> Usage {
    let before = app.settled_usage().await;
    work.await;
    let after = app.state.app.db.usage();
    Usage { reads: after.reads - before.reads, writes: after.writes - before.writes }
}

/// How many statements of the database a call of the session store is: none if sessions are in Valkey.
fn one_of_sessions() -> u64 {
    u64::from(!Stores::chosen().sessions_in_valkey)
}

const NOTHING: Usage = Usage { reads: 0, writes: 0 };
const ONE_READ: Usage = Usage { reads: 1, writes: 0 };

#[tokio::test]
async fn an_authenticated_page_needs_one_read_and_no_write() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/account", "/account/security", "/confirm"] {
        assert_eq!(cost(&app, alice.get(path)).await, ONE_READ, "{path}");
    }
    let with_check_up = Usage { reads: 2, writes: 0 };
    assert_eq!(cost(&app, alice.get("/")).await, with_check_up);
    assert_eq!(cost(&app, alice.call("/api/session_status", &[])).await, ONE_READ);
}

#[tokio::test]
async fn the_first_page_in_a_minute_extends_the_idle_timeout() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(cost(&app, alice.get("/account")).await, Usage { reads: 1, writes: one_of_sessions() });
    assert_eq!(cost(&app, alice.get("/account")).await, ONE_READ);
}

#[tokio::test]
async fn visitors_without_a_session_need_no_query() {
    let app = TestApp::start().await;
    for path in ["/", "/login", "/register", "/nowhere", "/session/events", "/robots.txt"] {
        assert_eq!(cost(&app, app.anon().get(path)).await, NOTHING, "{path}");
    }
}

#[tokio::test]
async fn invalid_cookies_never_reach_the_database() {
    let app = TestApp::start().await;
    let valid = app.alice().await.cookie_value();
    let other = TestApp::start().await.alice().await.cookie_value();
    let long = "A".repeat(66);
    let invalid = [
        "id_3000=".to_owned(),
        "id_3000=%00".to_owned(),
        "id_3000=' OR 1=1 --".to_owned(),
        format!("id_3000={long}"),
        format!("id_3000={other}"),
        format!("id_3000={}", &valid[..22]),
        format!("id_3000={}.{}", &valid[..22], &other[23..]),
        format!("%69d_3000={valid}"),
        format!("ID_3000={valid}"),
    ];
    for cookie in invalid {
        let visitor = app.anon().with_cookie(Some(cookie.clone()));
        let requests = async {
            for path in ["/", "/login", "/session/events"] {
                visitor.get(path).await;
            }
            visitor.call("/api/session_status", &[]).await;
            visitor.call("/api/stay", &[]).await;
        };
        assert_eq!(cost(&app, requests).await, NOTHING, "{cookie}");
    }
}

#[tokio::test]
async fn an_ended_session_needs_at_most_one_read() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let attacker = alice.copy();
    alice.sign_out().await;
    assert_eq!(cost(&app, attacker.get("/")).await, Usage { reads: one_of_sessions(), writes: 0 });
}

#[tokio::test]
async fn a_refused_sign_in_needs_the_same_queries_for_known_and_unknown_accounts() {
    let app = TestApp::start().await;
    app.alice().await;
    let fail = async |email: &str| {
        let fields = [("email", email), ("password", "off with their heads")];
        cost(&app, app.anon().call("/api/sign_in", &fields)).await
    };
    assert_eq!(fail(ALICE.email).await, fail("nobody@example.org").await);
}
