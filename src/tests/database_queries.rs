//! What a request costs the database, counted.

use std::time::Duration;

use vestibule::server::db::Usage;

use crate::support::{ALICE, TestApp};

/// What the database was asked while `work` was done.
async fn cost<T>(app: &TestApp, work: impl Future<Output = T>) -> Usage {
    let before = app.state.app.db.usage();
    work.await;
    let after = app.state.app.db.usage();
    Usage { reads: after.reads - before.reads, writes: after.writes - before.writes }
}

const NOTHING: Usage = Usage { reads: 0, writes: 0 };
const ONE_READ: Usage = Usage { reads: 1, writes: 0 };

#[tokio::test]
async fn an_authenticated_page_is_one_read_and_no_write() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    for path in ["/", "/account", "/account/security", "/confirm"] {
        assert_eq!(cost(&app, alice.get(path)).await, ONE_READ, "{path}");
    }
    assert_eq!(cost(&app, alice.call("/api/session_status", &[])).await, ONE_READ);
}

#[tokio::test]
async fn the_first_page_of_a_minute_moves_the_idle_clock() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(cost(&app, alice.get("/")).await, Usage { reads: 1, writes: 1 });
    assert_eq!(cost(&app, alice.get("/")).await, ONE_READ);
}

#[tokio::test]
async fn visitors_without_a_session_cost_nothing() {
    let app = TestApp::start().await;
    for path in ["/", "/login", "/register", "/nowhere", "/session/events", "/robots.txt"] {
        assert_eq!(cost(&app, app.anon().get(path)).await, NOTHING, "{path}");
    }
}

#[tokio::test]
async fn garbage_never_reaches_the_database() {
    let app = TestApp::start().await;
    let good = app.alice().await.cookie_value();
    let other = TestApp::start().await.alice().await.cookie_value();
    let long = "A".repeat(66);
    let bad = [
        "id=".to_owned(),
        "id=%00".to_owned(),
        "id=' OR 1=1 --".to_owned(),
        format!("id={long}"),
        format!("id={other}"),
        format!("id={}", &good[..22]),
        format!("id={}.{}", &good[..22], &other[23..]),
        format!("id={good}; id={good}"),
        format!("%69d={good}"),
        format!("ID={good}"),
    ];
    for cookie in bad {
        let stranger = app.anon().with_cookie(Some(cookie.clone()));
        let asks = async {
            for path in ["/", "/login", "/session/events"] {
                stranger.get(path).await;
            }
            stranger.call("/api/session_status", &[]).await;
            stranger.call("/api/stay", &[]).await;
        };
        assert_eq!(cost(&app, asks).await, NOTHING, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_costs_one_read() {
    let app = TestApp::start().await;
    let alice = app.alice().await;
    let thief = alice.copy();
    alice.sign_out().await;
    assert_eq!(cost(&app, thief.get("/")).await, ONE_READ);
}

#[tokio::test]
async fn a_sign_in_costs_the_same_whether_there_is_such_an_account() {
    let app = TestApp::start().await;
    app.alice().await;
    let fail = async |email: &str| {
        let fields = [("email", email), ("password", "off with their heads")];
        cost(&app, app.anon().call("/api/sign_in", &fields)).await
    };
    assert_eq!(fail(ALICE.email).await, fail("nobody@example.org").await);
}
