//! SQLite that cannot do its work: a full disk.

use http::StatusCode;
use rusqlite::{Error, ffi};
use vestibule::server::db::{DatabaseError, Dialect};

use crate::support::{Installation, Stores, TestApp, statement};

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
    while answers.last() != Some(&StatusCode::SERVICE_UNAVAILABLE) && answers.len() < 300 {
        let name = format!("Alice {}{}", "Liddell ".repeat(10), answers.len());
        answers.push(alice.post("/api/rename", &[("name", &name)]).await.status);
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
