//! Migrations: which program may change the schema of a database, and what becomes of the data in it.

use vestibule::server::{
    config::{Config, Keys},
    db::{Database, DatabaseError, Dialect, OwnedRow, Row, Statement},
};

use crate::support::{Installation, TestApp, for_every_database};

/// The database of an older version, in which Alice is signed in with this cookie.
const OLDER_DATABASE: &str = include_str!("fixtures/database_of_version_3.sql");
const COOKIE: &str = "id_3000=ruXIHbvAQeKJxRcd26vA7g._K9mPNgmEBrR-Zkd4BgOdK_V9zPGlp6V8fKps8R25UU";
const KEY: &str = "QAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// SHA-384 of the migrations that were released when there was no other database than SQLite.
const RELEASED: [&str; 4] = [
    "ae96a59bb0eda4039e1e4d32182eb7e14594dffa3a2bf6f43cdd14569647365ebdcd2169a2d5394b16af3b62bab389b8",
    "baae8635bf3b8db9e833cf21dd3c124b89a879423e2d375de26f82e59255036225d19e178ddbd7b861c6aea7775f8ae6",
    "30d24cc99204fc0c8f7789f38e283cfdc39112d646267ba64fc8b0dd232adfa6b3d7058a160f0f456265714b2b6241b1",
    "81655a62d59ec730561a7fd6e5fa118f009419cca31815507f5bfe036703f009193674f65427fc85d0e9743c588dee3b",
];
const CHECKSUMS: Statement = Statement::per_dialect(
    "SELECT lower(hex(checksum)) FROM _sqlx_migrations ORDER BY version",
    "SELECT encode(checksum, 'hex') FROM _sqlx_migrations ORDER BY version",
);

const LIST: [&str; 3] = ["session", "list", "ada@example.org"];
/// All commands that open the database.
const COMMANDS: [&[&str]; 3] = [&LIST, &["migrate"], &["serve"]];

/// Ada has a session, and there is an anonymous one. All times are long ago.
const OLD_SESSIONS: &str = "
    INSERT INTO accounts VALUES ('a', 'Ada', 'ada@example.org', 'ada@example.org', '-', 0, 1);
    INSERT INTO sessions VALUES ('h', 'n', 'a', 'pwd', 1, 0, 'ua', '::1', '{}', 1, 2, 3, 4, NULL, NULL);
    INSERT INTO sessions VALUES ('i', 'm', NULL, '', NULL, 0, 'ua', '::1', '{}', 1, 2, 3, 4, NULL, NULL);";

/// What the second version of the program had in its database.
fn version_2(dialect: Dialect) -> String {
    let (bytes, hex_prefix) = match dialect {
        Dialect::Sqlite => ("BLOB", "X'"),
        Dialect::Postgres => ("BYTEA", "'\\x"),
    };
    let mut sql = format!(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum {bytes} NOT NULL, execution_time BIGINT NOT NULL);"
    );
    for (version, checksum) in [(1, RELEASED[0]), (2, RELEASED[1])] {
        sql += &format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ({version}, '', TRUE, {hex_prefix}{checksum}', 0);"
        );
    }
    sql += include_str!("../server/db/migrations/0001_accounts.sql");
    sql += include_str!("../server/db/migrations/0002_sessions.sql");
    sql + OLD_SESSIONS
}

async fn text_column(db: &Database, statement: Statement) -> Result<Vec<String>, DatabaseError> {
    statement.query().fetch_all(db.reader()).await?.iter().map(|row| row.text(0)).collect()
}

#[tokio::test]
async fn released_migrations_never_change() {
    let db = Installation::on_empty(Dialect::Sqlite).open_database().await;
    let checksums = text_column(&db, CHECKSUMS).await.expect("checksums");
    assert_eq!(checksums[..RELEASED.len()], RELEASED);
}

#[tokio::test]
async fn an_older_database_is_migrated_and_its_sessions_live_on() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    installation.execute_script(OLDER_DATABASE).await;
    let with_key = |config: &mut Config| {
        config.sessions.keys = serde_json::from_value::<Keys>(serde_json::json!([KEY])).expect("keys");
    };
    let app = TestApp::start_in(installation, with_key).await;
    let alice = app.anon().with_cookie(Some(COOKIE.to_owned()));
    alice.is_signed_in().await;
    alice.get("/account/activity").await.shows("Account created");
    alice.get("/account/sessions").await.shows("This device");
}

for_every_database!(sessions_of_the_second_version_live_on);
async fn sessions_of_the_second_version_live_on(installation: Installation) {
    installation.execute_script(&version_2(installation.dialect())).await;
    let db = installation.open_database().await;
    let sessions = Statement::new(
        "SELECT id_hash, absolute_expires_at, forgotten_at, sessions.credentials - accounts.credentials \
         FROM sessions LEFT JOIN accounts ON accounts.id = account_id ORDER BY id_hash",
    );
    let rows = sessions.query().fetch_all(db.reader()).await.expect("sessions");
    let session = |row: &OwnedRow| {
        Ok::<_, DatabaseError>((row.text(0)?, row.integer(1)?, row.integer(2)?, row.integer_or_null(3)?))
    };
    let rows: Vec<_> = rows.iter().map(|row| session(row).expect("a session")).collect();
    let kept = 3 + 7 * 24 * 60 * 60 * 1000;
    assert_eq!(rows, [("h".to_owned(), 4, kept, Some(0)), ("i".to_owned(), 4, 3, None)]);
}

for_every_database!(only_serve_and_migrate_change_the_schema);
async fn only_serve_and_migrate_change_the_schema(installation: Installation) {
    installation.execute_script(&version_2(installation.dialect())).await;
    let refused = installation.run(&LIST);
    assert!(refused.contains("older than this program: run `vestibule migrate`"), "{refused}");
    let migrated = installation.run(&["migrate"]);
    assert!(migrated.contains("is up to date"), "{migrated}");
    assert_eq!(installation.run(&["migrate"]), migrated, "nothing left to do");
    assert_eq!(installation.run(&LIST), "No sessions.\n", "the one of long ago has expired");
}

for_every_database!(a_newer_schema_is_left_alone);
async fn a_newer_schema_is_left_alone(installation: Installation) {
    installation.open_database().await.close().await;
    let newer = "INSERT INTO _sqlx_migrations \
        SELECT version + 1, 'newer', installed_on, success, checksum, 0 FROM _sqlx_migrations ORDER BY version DESC LIMIT 1";
    installation.execute_script(newer).await;
    for arguments in COMMANDS {
        let refused = installation.run(arguments);
        assert!(refused.contains("newer than this program"), "{arguments:?}: {refused}");
    }
}

for_every_database!(the_schema_of_another_program_is_left_alone);
async fn the_schema_of_another_program_is_left_alone(installation: Installation) {
    installation.open_database().await.close().await;
    let other = "UPDATE _sqlx_migrations \
        SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 1) WHERE version = 2";
    installation.execute_script(other).await;
    for arguments in COMMANDS {
        let refused = installation.run(arguments);
        assert!(refused.contains("migration 2 is not the one"), "{arguments:?}: {refused}");
    }
}

for_every_database!(if_a_migration_fails_none_is_applied);
async fn if_a_migration_fails_none_is_applied(installation: Installation) {
    installation.execute_script(&version_2(installation.dialect())).await;
    installation.execute_script("CREATE TABLE leases (mine TEXT)").await;
    let failed = installation.run(&["migrate"]);
    assert!(failed.contains("nothing of it was applied"), "{failed}");
    installation.execute_script("DROP TABLE leases").await;
    let refused = installation.run(&LIST);
    assert!(refused.contains("older than this program"), "{refused}");
    assert!(installation.run(&["migrate"]).contains("is up to date"));
}

for_every_database!(processes_migrate_one_after_another);
async fn processes_migrate_one_after_another(installation: Installation) {
    installation.execute_script(&version_2(installation.dialect())).await;
    let open = || installation.open_database();
    let databases = tokio::join!(open(), open(), open(), open());
    for db in <[Database; 4]>::from(databases) {
        let checksums = text_column(&db, CHECKSUMS).await.expect("checksums");
        assert_eq!(checksums[..2], RELEASED[..2]);
        assert_eq!(checksums.len(), 8);
    }
}
