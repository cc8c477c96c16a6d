//! The data folder: who can read it, what a crash leaves in it, and which version may change it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use vestibule::server::config::{Config, Keys};

use crate::support::{TestApp, build_site};

/// The database of an older version, in which Alice is signed in with this cookie.
const OLDER_DATABASE: &str = include_str!("fixtures/database_of_version_3.sql");
const COOKIE: &str = "id=ruXIHbvAQeKJxRcd26vA7g.ZSdpKlCokRgSbKmw2ee-ZBMpOzgjal3REzbvv8WbyVU";
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn write_database(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
    sqlx::raw_sql(sql).execute(&pool).await.expect("executed");
    pool.close().await;
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

/// Runs a command of the program on a data folder; returns what it prints.
fn run(data_dir: &Path, arguments: &[&str]) -> String {
    let site = data_dir.join("site");
    build_site(&site).expect("a site");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).env("VESTIBULE_DATA_DIR", data_dir).env("VESTIBULE_HTTP__SITE_ROOT", site);
    let output = command.output().expect("it runs");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
}

#[tokio::test]
async fn an_older_database_is_migrated_and_its_sessions_live_on() {
    let with_key = |config: &mut Config| {
        config.sessions.keys = serde_json::from_value::<Keys>(serde_json::json!([KEY])).expect("keys");
    };
    let app = TestApp::start_on(
        async |data_dir| {
            fs::create_dir(data_dir).expect("a folder");
            write_database(&data_dir.join("vestibule.db"), OLDER_DATABASE).await;
        },
        with_key,
    )
    .await;
    let alice = app.anon().with_cookie(Some(COOKIE.to_owned()));
    alice.is_signed_in().await;
    alice.get("/account/activity").await.shows("Account created");
    alice.get("/account/sessions").await.shows("This device");
}

#[test]
fn only_serve_and_migrate_change_the_schema() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("vestibule.db");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(write_database(&file, OLDER_DATABASE));

    let refused = run(folder.path(), &["session", "list", "alice@example.org"]);
    assert!(refused.contains("older than this program: run `vestibule migrate`"), "{refused}");
    let migrated = run(folder.path(), &["migrate"]);
    assert!(migrated.contains("is up to date"), "{migrated}");
    assert_eq!(run(folder.path(), &["migrate"]), migrated, "nothing left to do");
    let listed = run(folder.path(), &["session", "list", "alice@example.org"]);
    assert_eq!(listed, "No sessions.\n", "the session of the year 2026 has expired by now");

    let newer = "INSERT INTO _sqlx_migrations SELECT version + 1, 'newer', installed_on, 1, checksum, 0 \
        FROM _sqlx_migrations ORDER BY version DESC LIMIT 1";
    runtime.block_on(write_database(&file, newer));
    for arguments in [&["session", "list", "alice@example.org"][..], &["migrate"], &["serve"]] {
        let refused = run(folder.path(), arguments);
        assert!(refused.contains("newer than this program"), "{arguments:?}: {refused}");
    }
}

#[tokio::test]
async fn files_are_for_their_owner_alone_whatever_the_folder() {
    let app = TestApp::start_on(
        async |data_dir| {
            fs::create_dir(data_dir).expect("a folder");
            fs::set_permissions(data_dir, fs::Permissions::from_mode(0o755)).expect("changed");
            // As an older version may have left it.
            for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
                fs::write(data_dir.join(name), "").expect("written");
                fs::set_permissions(data_dir.join(name), fs::Permissions::from_mode(0o644)).expect("changed");
            }
        },
        |_| {},
    )
    .await;
    app.alice().await;
    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm", "secret.key"] {
        assert_eq!(mode(&app.data_dir().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_data_folder_that_would_be_served_to_everyone_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = folder.path().join("site");
    fs::create_dir_all(site.join("pkg")).expect("a folder");
    for (data_dir, url) in [
        (site.join("data"), "sqlite://vestibule.db".to_owned()),
        (site.join("pkg/../data"), "sqlite://vestibule.db".to_owned()),
        (folder.path().join("data"), format!("sqlite://{}", site.join("vestibule.db").display())),
        (folder.path().join("data"), "sqlite://../site/vestibule.db".to_owned()),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
        command.arg("migrate").env("VESTIBULE_DATA_DIR", &data_dir).env("VESTIBULE_DATABASE__URL", url);
        let output = command.env("VESTIBULE_HTTP__SITE_ROOT", &site).output().expect("it runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(error.contains("is served to everyone"), "{}: {error}", data_dir.display());
        assert!(!output.status.success() && !site.join("vestibule.db").exists());
    }
}

#[test]
fn an_empty_key_file_is_refused_with_the_remedy() {
    let app = tokio::runtime::Runtime::new().expect("a runtime").block_on(TestApp::start());
    fs::write(app.data_dir().join("secret.key"), "").expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command
        .arg("serve")
        .env("VESTIBULE_DATA_DIR", app.data_dir())
        .env("VESTIBULE_HTTP__LISTEN", "127.0.0.1:0");
    let output = command.env("VESTIBULE_HTTP__SITE_ROOT", app.site_root()).output().expect("it runs");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(error.contains("secret.key is empty; delete it"), "{error}");
}
