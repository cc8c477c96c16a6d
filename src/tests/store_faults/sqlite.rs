//! SQLite that cannot do its work: another program has locked its file, or the disk is full.

use std::time::{Duration, Instant};

use http::StatusCode;
use rusqlite::{Error, ffi};
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};
use vestibule::server::db::{DatabaseError, Dialect};

use super::{has_lost_nothing, recovers};
use crate::support::{ALICE, Installation, Stores, TestApp, statement};

#[tokio::test(flavor = "multi_thread")]
async fn locked_by_another_writer() {
    let installation = Installation::on(Stores::in_database(Dialect::Sqlite));
    let app = TestApp::start_in(installation, |config| {
        config.database.statement_timeout = Duration::from_secs(1);
    })
    .await;
    let alice = app.alice().await;
    let file = SqliteConnectOptions::new().filename(app.data_dir().join("vestibule.db"));
    let mut other = file.connect().await.expect("a connection");
    other.execute("BEGIN IMMEDIATE").await.expect("locked");
    app.clock.advance(Duration::from_mins(2));
    let began = Instant::now();
    for path in ["/", "/account/sessions"] {
        let page = alice.get(path).await; // though the idle clock cannot be moved
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.set_cookies(), [""; 0]);
    }
    assert!(began.elapsed() < Duration::from_secs(4), "after {:?}", began.elapsed());
    let renamed = alice.post("/api/rename", &[("name", "Lost")]).await;
    assert_eq!(renamed.status, StatusCode::SERVICE_UNAVAILABLE);
    alice.is_signed_in().await;
    other.execute("ROLLBACK").await.expect("unlocked");
    other.close().await.expect("closed");
    recovers(&alice).await;
    has_lost_nothing(&alice).await;
}

/// Sets it for the connection that writes.
async fn limit_pages(app: &TestApp, count: u32) {
    let limit = statement(format!("PRAGMA max_page_count = {count}")).query();
    limit.fetch_all(app.state.app.db.writer()).await.expect("a limit");
}

#[tokio::test]
async fn a_disk_that_was_full_is_written_again_without_a_restart() {
    let stores = Stores::in_database(Dialect::Sqlite);
    let app = TestApp::start_in(Installation::on(stores), |_| {}).await;
    let alice = app.alice().await;
    limit_pages(&app, 1).await; // as many as there are
    let mut answers = Vec::new();
    while answers.last() != Some(&StatusCode::SERVICE_UNAVAILABLE) && answers.len() < 100 {
        let email = format!("bob.{}@example.org", answers.len());
        let fields = [("name", "Bob"), ("email", &email), ("password", ALICE.password)];
        answers.push(app.anon().call("/api/register", &fields).await.status);
    }
    assert_eq!(answers.last(), Some(&StatusCode::SERVICE_UNAVAILABLE));
    alice.is_signed_in().await;

    limit_pages(&app, 1_000_000).await;
    alice.post("/api/rename", &[("name", "Alice")]).await.leads_to("/account");
    alice.sign_out().await.leads_to("/login");
}

#[test]
fn a_page_that_cannot_be_read_is_unavailable_and_one_that_is_wrong_is_a_fault() {
    let judge =
        |code| DatabaseError::from(Error::SqliteFailure(ffi::Error::new(code), None)).is_unavailable();
    let unavailable = [
        ffi::SQLITE_BUSY,
        ffi::SQLITE_BUSY_RECOVERY,
        ffi::SQLITE_LOCKED,
        ffi::SQLITE_READONLY_CANTINIT,
        ffi::SQLITE_IOERR_READ,
        ffi::SQLITE_FULL,
        ffi::SQLITE_CANTOPEN,
    ];
    for code in unavailable {
        assert!(judge(code), "{code}");
    }
    for code in [ffi::SQLITE_ERROR, ffi::SQLITE_CORRUPT, ffi::SQLITE_CONSTRAINT, ffi::SQLITE_MISUSE] {
        assert!(!judge(code), "{code}");
    }
}
