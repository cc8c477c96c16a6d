//! SQLite, while another program works on its file.

use std::time::{Duration, Instant};

use http::StatusCode;
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};
use vestibule::server::db::Dialect;

use super::{has_lost_nothing, recovers};
use crate::support::{Installation, Stores, TestApp};

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
