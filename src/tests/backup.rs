//! `vestibule backup`: a copy of what is there at one moment, on which a server can start.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use sqlx::{ConnectOptions, Row, raw_sql, sqlite::SqliteConnectOptions};
use tokio::{task::JoinSet, time::sleep};
use vestibule::server::db::Dialect;

use crate::support::{BOB, Installation, Stores, TestApp, User, command, printed};

const SQLITE: Stores = Stores::in_database(Dialect::Sqlite);

async fn integrity_check(file: &Path) -> String {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.expect("a database");
    let row = raw_sql("PRAGMA integrity_check").fetch_one(&mut connection).await.expect("an answer");
    row.get(0)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

#[tokio::test]
async fn a_backup_that_was_made_while_people_register_keeps_everyone_signed_in() {
    let app = TestApp::start_in(Installation::on(SQLITE), |_| {}).await;
    let alice = app.alice().await;
    let mut registrations = JoinSet::new();
    for person in 0..4 {
        let actor = app.anon();
        registrations.spawn(async move {
            for number in 0.. {
                let email = format!("p{person}-{number}@example.org");
                actor.register(User { email: email.leak(), ..BOB }).await;
                actor.sign_out().await;
            }
        });
    }
    sleep(Duration::from_millis(300)).await;
    let folder = app.data_dir().parent().expect("a folder").join("backups/today");
    let name = folder.to_str().expect("UTF-8");
    let said = app.run(&["backup", name]).await;
    registrations.abort_all();
    let (database, keys) = (folder.join("vestibule.db"), folder.join("secret.key"));
    for part in [database.to_str(), keys.to_str(), Some("is as secret as the data folder")] {
        assert!(said.contains(part.expect("UTF-8")), "{said}");
    }
    assert_eq!([mode(&folder), mode(&database), mode(&keys)], [0o700, 0o600, 0o600]);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 2, "and nothing else");
    assert_eq!(integrity_check(&database).await, "ok");
    let again = app.run(&["backup", name]).await;
    assert!(again.contains(&format!("there are files in {name} already: name a new folder")), "{again}");

    let restored = app.another(|config| config.data_dir = folder).await;
    alice.reconnect_to(&restored).is_signed_in().await;
    assert_eq!(restored.run(&["check"]).await, "A server can start with these settings.\n");
}

#[tokio::test]
async fn keys_are_backed_up_where_they_are_in_the_data_folder() {
    let app = TestApp::start_in(Installation::on(SQLITE), |_| {}).await;
    let backup = |name: &str, variable: &str, value: &str| {
        let folder = app.data_dir().with_file_name(name);
        let arguments = ["backup", folder.to_str().expect("UTF-8")];
        let said = command(&app.config, &arguments).env(variable, value).output().expect("it runs");
        (printed(said), folder)
    };
    fs::create_dir(app.data_dir().join("keys")).expect("a folder");
    fs::write(app.data_dir().join("keys/all"), "BA".repeat(21) + "A").expect("written");
    let (said, folder) = backup("named", "VESTIBULE_SESSIONS__KEYS_FILE", "keys/all");
    assert!(folder.join("keys/all").exists() && !folder.join("secret.key").exists(), "{said}");
    for (variable, value) in [
        ("VESTIBULE_SESSIONS__KEYS", "BA".repeat(21) + "A"),
        ("VESTIBULE_SESSIONS__KEYS_FILE", "../keys".to_owned()),
    ] {
        let (said, folder) = backup(&variable.to_lowercase(), variable, &value);
        assert!(said.contains("not in the data folder: back them up as well"), "{said}");
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1, "the database alone");
    }
    let (said, folder) = backup("site/backup", "VESTIBULE_LOG", "info");
    assert!(said.contains("is inside http.site_root") && !folder.exists(), "{said}");
}

#[test]
fn postgresql_has_a_command_of_its_own() {
    let installation = Installation::on_empty(Dialect::Postgres);
    let folder = installation.config.data_dir.with_file_name("backup");
    let said = installation.run(&["backup", folder.to_str().expect("UTF-8")]);
    assert!(said.contains("back it up with `pg_dump`, and with it the keys that sign cookies"), "{said}");
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_database_that_is_corrupt_is_noticed_by_the_check() {
    let installation = Installation::on(SQLITE);
    installation.open_database().await.close().await;
    let file = installation.config.data_dir.join("vestibule.db");
    let intact = fs::read(&file).expect("read");
    assert!(!installation.run(&["check"]).contains("corrupt"));
    let mut torn = intact.clone();
    torn[5 * 4096..7 * 4096].fill(b'x');
    for damaged in
        [torn, intact[..intact.len() / 2].to_vec(), b"no database, but a text of some length".repeat(99)]
    {
        fs::write(&file, damaged).expect("written");
        let said = installation.run(&["check"]);
        assert!(
            said.contains("is corrupt, or no database: stop the servers, and restore a backup"),
            "{said}"
        );
    }
}
