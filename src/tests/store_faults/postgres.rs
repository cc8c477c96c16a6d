//! PostgreSQL.

use std::time::{Duration, Instant};

use vestibule::server::{config::SecretUrl, db::Dialect};

use super::{RECOVERY, cannot_change_anything, has_lost_nothing, is_unavailable, recovers};
use crate::support::{Installation, Stores, TestApp, servers::PostgresServer};

/// An application on a server of its own. It is no superuser there.
async fn app_on(server: &PostgresServer) -> TestApp {
    server.sql("postgres", "CREATE ROLE app LOGIN");
    server.sql("postgres", "CREATE DATABASE app OWNER app");
    start(url_for_app(server)).await
}

fn url_for_app(server: &PostgresServer) -> String {
    format!("postgres://app@127.0.0.1:{}/app", server.port())
}

async fn start(url: String) -> TestApp {
    let installation = Installation::on(Stores::in_database(Dialect::Sqlite));
    TestApp::start_in(installation, |config| config.database.url = SecretUrl::new(url)).await
}

/// Makes every new entry of the audit log do something else first.
fn before_each_event(server: &PostgresServer, statements: &str) {
    let function = format!(
        "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statements}; RETURN NEW; END $$; \
         DROP TRIGGER IF EXISTS fault ON events; \
         CREATE TRIGGER fault BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION fault()"
    );
    server.sql("app", &function);
}

fn works_again(server: &PostgresServer) {
    server.sql("app", "DROP TRIGGER fault ON events");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_killed_and_started_again() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    for end in [PostgresServer::stop, PostgresServer::kill] {
        end(&server);
        is_unavailable(&alice).await;
        cannot_change_anything(&alice).await;
        server.start_again();
        recovers(&alice).await;
    }
    has_lost_nothing(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    server.pause();
    is_unavailable(&alice).await;
    cannot_change_anything(&alice).await;
    server.resume();
    recovers(&alice).await;
    has_lost_nothing(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    before_each_event(&server, "PERFORM pg_sleep(60)");
    let began = Instant::now();
    // More than there are connections: the next do not wait for those that hang.
    let changes = (0..15).map(|_| cannot_change_anything(&alice));
    futures_util::future::join_all(changes).await;
    alice.is_signed_in().await;
    assert!(began.elapsed() < Duration::from_secs(16), "after {:?}", began.elapsed());
    works_again(&server);
    recovers(&alice).await;
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE name = 'Lost'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_dies_in_a_transaction_leaves_nothing_half_done() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    let events = app.number("SELECT count(*) FROM events").await;
    before_each_event(&server, "PERFORM pg_terminate_backend(pg_backend_pid())");
    cannot_change_anything(&alice).await;
    assert_eq!(app.number("SELECT count(*) FROM accounts WHERE name = 'Lost'").await, 0);
    assert_eq!(app.number("SELECT count(*) FROM events").await, events);
    works_again(&server);
    recovers(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    server.sql("postgres", "ALTER ROLE app SET default_transaction_read_only = on");
    server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
    app.clock.advance(Duration::from_mins(2));
    alice.is_signed_in().await; // though its idle clock cannot be moved
    cannot_change_anything(&alice).await;
    alice.is_signed_in().await;
    server.sql("postgres", "ALTER ROLE app RESET default_transaction_read_only");
    recovers(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    before_each_event(&server, "RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'");
    cannot_change_anything(&alice).await;
    alice.is_signed_in().await;
    works_again(&server);
    recovers(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_connections() {
    let server = PostgresServer::start();
    let app = app_on(&server).await;
    let alice = app.alice().await;
    server.sql("postgres", "ALTER ROLE app CONNECTION LIMIT 0");
    server.sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
    is_unavailable(&alice).await;
    cannot_change_anything(&alice).await;
    server.sql("postgres", "ALTER ROLE app CONNECTION LIMIT -1");
    recovers(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_over_to_a_new_primary() {
    fails_over(PostgresServer::kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_over_from_a_primary_that_hangs() {
    fails_over(PostgresServer::pause).await;
}

async fn fails_over(end: fn(&PostgresServer)) {
    let primary = PostgresServer::start();
    primary.sql("postgres", "CREATE ROLE app LOGIN");
    primary.sql("postgres", "CREATE DATABASE app OWNER app");
    let standby = primary.standby();
    let url = format!("postgres://app@127.0.0.1:{},127.0.0.1:{}/app", primary.port(), standby.port());
    let app = start(url).await;
    let alice = app.alice().await;
    while standby.sql("app", "SELECT count(*) FROM sessions") != "1" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    end(&primary);
    is_unavailable(&alice).await;
    standby.promote();
    recovers(&alice).await;
    has_lost_nothing(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_verified() {
    let server = PostgresServer::start_with_tls();
    server.create_database("app", None);
    let (url, authority) = (server.url("app"), server.ca_file().display().to_string());
    let verified = format!("{url}?sslmode=verify-full&sslrootcert={authority}");
    let app = start(verified.clone()).await;
    let alice = app.alice().await;
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
        WHERE ssl AND application_name = 'vestibule'";
    assert_ne!(server.sql("app", encrypted), "0");
    alice.is_signed_in().await;

    let mut installation = Installation::on(Stores::in_database(Dialect::Sqlite));
    for (refused, cause) in [
        (format!("{url}?sslmode=verify-full"), "UnknownIssuer"),
        (verified.replace("localhost", "127.0.0.1"), "not valid for name"),
    ] {
        installation.config.database.url = SecretUrl::new(refused);
        let began = Instant::now();
        let printed = installation.run(&["migrate"]);
        assert!(printed.contains("cannot be opened") && printed.contains(cause), "{printed}");
        assert!(began.elapsed() < RECOVERY);
    }
}
