//! `vestibule copy`: all rows arrive, between databases of either kind, and a copy that was stopped is neither
//! served nor taken for complete.

use std::{fs, time::Duration};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use vestibule::server::db::{
    Database, Dialect, OwnedRow, Row, Statement,
    copy::{self, CopyError, Counts, Progress, Side},
};

use crate::support::{Installation, ManualClock, TestApp, for_every_database, servers};

const NAME: &str = "the source";
const TABLES: [(&str, Statement); 7] = [
    ("accounts", Statement::new("SELECT * FROM accounts")),
    ("registrations", Statement::new("SELECT * FROM registrations")),
    ("mailed_tokens", Statement::new("SELECT * FROM mailed_tokens")),
    ("mails", Statement::new("SELECT * FROM mails")),
    ("sessions", Statement::new("SELECT * FROM sessions")),
    ("ended_sessions", Statement::new("SELECT * FROM ended_sessions")),
    ("events", Statement::new("SELECT * FROM events")),
];

const ACCOUNTS: &str = r#"
    INSERT INTO accounts (id, name, email, email_key, password_hash, admin, created_at, credentials) VALUES
    ('a', 'Ada "∀" \ O''Neill', 'Ada@example.org', 'ada@example.org', '$argon2id$1', 1, 1767000000000, 3),
    ('B', '{"json": [1]}', 'b@example.org', 'b@example.org', '$argon2id$2', 0, -1, 0),
    ('ä', '', 'c@example.org', 'c@example.org', '', 0, 9223372036854775807, 0);
    UPDATE accounts SET email_verified_at = 1, disabled_at = 2, delete_at = 3, password_is_common = 1, password_is_blocked = 1, reviewed_at = 4
    WHERE id = 'a';
    INSERT INTO registrations VALUES ('k', 'K@example.org', 'Käthe', '$argon2id$1', 1);
    INSERT INTO mailed_tokens VALUES ('t1', 'reset_password', 'a', 'a', 'Ada@example.org', 'ada@example.org', 1, 2),
    ('t2', 'registration', 'k', NULL, 'K@example.org', 'k', 1, 2);
    INSERT INTO mails VALUES ('m1', '{"kind": "verify_email"}', 'a', 'Ada@example.org', 1, 0, 1, NULL),
    ('m2', '{}', NULL, 'K@example.org', 1, 3, NULL, 'refused "so"');"#;
const SESSIONS: &str = r#"
    INSERT INTO sessions (id_hash, handle, account_id, methods, credentials, authenticated_at, remembered, user_agent,
    address, data, created_at, seen_at, expires_at, absolute_expires_at, forgotten_at, ended_at, end_reason) VALUES
    ('h1', 'n1', 'a', 'pwd', 3, 5, 1, 'agent', '::1', '{"a": "\u0000\n", "b":  [1.0, null]}', 1, 2, 3, 4, 5, 6, 'idle'),
    ('h2', 'n2', NULL, '', 0, NULL, 0, '', '::1', '{}', 1, 2, 3, 4, 5, NULL, NULL);
    INSERT INTO ended_sessions VALUES ('h3', 'signed_out', 8);"#;
const APPEND: &str =
    "INSERT INTO events (at, address, user_agent, kind, details) VALUES (1, '', '', 'k', '{}')";

/// Events in more than two batches, with a gap in their numbers.
fn events(dialect: Dialect) -> String {
    let (overriding, set_next) = match dialect {
        Dialect::Sqlite => ("", ""),
        Dialect::Postgres => ("OVERRIDING SYSTEM VALUE", "SELECT setval('events_number_seq', 2600);"),
    };
    let event =
        |number| format!("({number}, {}, 'a', NULL, '::1', 'agent', 'signed_in', '{{}}')", number * 7 % 5);
    let events: Vec<_> = (1..=700).chain(900..=2600).map(event).collect();
    let columns = "number, at, account_id, session, address, user_agent, kind, details";
    format!("INSERT INTO events ({columns}) {overriding} VALUES {}; {set_next}", events.join(", "))
}

/// A database with rows in all tables.
async fn fill(installation: &Installation) -> Database {
    let db = installation.open_database().await;
    let rows = [ACCOUNTS, SESSIONS, &events(installation.dialect())].concat();
    installation.execute_script(&rows).await;
    db
}

fn other_kind(installation: &Installation) -> Installation {
    Installation::on_empty(match installation.dialect() {
        Dialect::Sqlite => Dialect::Postgres,
        Dialect::Postgres => Dialect::Sqlite,
    })
}

/// Names the database on the command line, with a password if it is in PostgreSQL.
fn url(installation: &Installation) -> String {
    let folder = &installation.config.data_dir;
    fs::create_dir_all(folder).expect("a folder");
    match installation.dialect() {
        Dialect::Sqlite => format!("sqlite://{}", folder.join("vestibule.db").display()),
        Dialect::Postgres => installation.config.database.url.expose().replace('@', ":hunter2@"),
    }
}

/// All rows of all tables that are copied.
async fn rows(db: &Database) -> Vec<(&'static str, Vec<Vec<String>>)> {
    let mut all = Vec::new();
    for (table, statement) in TABLES {
        let found = statement.query().fetch_all(db.reader()).await.expect("rows");
        let mut found: Vec<_> = found.iter().map(columns).collect();
        found.sort();
        all.push((table, found));
    }
    all
}

fn columns(row: &OwnedRow) -> Vec<String> {
    let text = |column| row.text_or_null(column).map(|text| format!("{text:?}"));
    let integer = |column| row.integer_or_null(column).map(|integer| format!("{integer:?}"));
    (0..).map_while(|column| text(column).or_else(|_| integer(column)).ok()).collect()
}

async fn copy(source: &Database, target: &Database) -> Result<Counts, CopyError> {
    copy::copy(source, target, NAME, &ManualClock::new(), |_| {}).await
}

/// Copies until `is_enough`, and stops then.
async fn stop_copy(source: &Database, target: &Database, is_enough: impl Fn(Progress) -> bool) {
    let (stop, clock) = (CancellationToken::new(), ManualClock::new());
    let copying = copy::copy(source, target, NAME, &clock, |progress| {
        if is_enough(progress) {
            stop.cancel();
        }
    });
    assert!(stop.run_until_cancelled(copying).await.is_none(), "it was stopped");
}

for_every_database!(every_row_is_copied);
async fn every_row_is_copied(source: Installation) {
    let (db, target) = (fill(&source).await, other_kind(&source));
    let before = rows(&db).await;
    let said = source.run(&["copy", "--from", &url(&source), "--to", &url(&target)]);
    assert!(said.contains("3 in accounts, 1 in registrations, 2 in mailed_tokens, 2 in mails, 2 in sessions, 1 in ended_sessions, 2401 in events"), "{said}");
    assert!(said.contains("events: 2,401 of 2,401 rows"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let copied = target.open_database().await;
    assert_eq!(rows(&copied).await, before);
    assert_eq!(rows(&db).await, before, "the source is as it was");

    target.execute_script(APPEND).await;
    let (_, events) = rows(&copied).await.pop().expect("events");
    assert!(events.iter().any(|event| event[0] == "Some(2601)"), "it gets the next number");
}

for_every_database!(a_stopped_copy_is_not_served_and_is_completed_by_the_next);
async fn a_stopped_copy_is_not_served_and_is_completed_by_the_next(source: Installation) {
    let (db, target) = (fill(&source).await, other_kind(&source));
    let copied = target.open_database().await;
    for table in ["accounts", "sessions", "events"] {
        stop_copy(&db, &copied, |progress| progress.table == table && progress.rows > 0).await;
        for command in [&["serve"][..], &["session", "list", "ada@example.org"]] {
            let refused = target.run(command);
            assert!(refused.contains("not everything of the source was copied to"), "{refused}");
        }
    }
    source.execute_script("UPDATE accounts SET name = 'Ada'; DELETE FROM sessions WHERE handle = 'n2'").await;
    source.execute_script(APPEND).await;
    let said = target.run(&["copy", "--from", &url(&source), "--to", &url(&target)]);
    assert!(said.contains("Rows of both"), "{said}");
    assert_eq!(rows(&copied).await, rows(&db).await);
    assert!(target.run(&["session", "list", "ada@example.org"]).contains("No sessions"));
}

for_every_database!(events_that_were_copied_before_are_not_copied_again);
async fn events_that_were_copied_before_are_not_copied_again(source: Installation) {
    let (db, installation) = (fill(&source).await, other_kind(&source));
    let target = installation.open_database().await;
    stop_copy(&db, &target, |progress| progress.table == "events" && progress.rows > 0).await;
    let mut reported = Vec::new();
    let report = |progress: Progress| reported.push(progress);
    copy::copy(&db, &target, NAME, &ManualClock::new(), report).await.expect("copied");
    let events = reported.iter().filter(|progress| progress.table == "events").map(|progress| progress.rows);
    assert_eq!(events.collect::<Vec<_>>(), [1000, 2000, 2401]);
}

for_every_database!(a_database_with_data_of_its_own_is_left_alone);
async fn a_database_with_data_of_its_own_is_left_alone(source: Installation) {
    let (db, target) = (fill(&source).await, other_kind(&source));
    let other = target.open_database().await;
    target.execute_script(ACCOUNTS).await;
    let before = rows(&other).await;
    let refused = source.run(&["copy", "--from", &url(&source), "--to", &url(&target)]);
    assert!(refused.contains("is not empty; nothing was copied. Its rows: 3 in accounts"), "{refused}");
    assert_eq!(rows(&other).await, before);
    assert_eq!(copy::incomplete_copy_of(&other).await.expect("no mark"), None);

    let same = source.run(&["copy", "--to", source.config.database.url.expose()]);
    assert!(same.contains("are the same database"), "{same}");
    assert!(matches!(copy(&other, &db).await, Err(CopyError::NotEmpty(_))));
}

for_every_database!(the_audit_log_of_another_database_is_not_continued);
async fn the_audit_log_of_another_database_is_not_continued(source: Installation) {
    let (db, installation) = (fill(&source).await, other_kind(&source));
    let target = installation.open_database().await;
    stop_copy(&db, &target, |progress| progress.table == "events" && progress.rows > 0).await;
    let other_source = Installation::on_empty(source.dialect());
    let other = other_source.open_database().await;
    other_source.execute_script(APPEND).await;
    copy(&other, &target).await.expect("what there was is replaced");
    assert_eq!(rows(&target).await, rows(&other).await);
}

for_every_database!(events_that_were_removed_or_counted_since_a_copy_was_stopped_are_copied_anew);
async fn events_that_were_removed_or_counted_since_a_copy_was_stopped_are_copied_anew(source: Installation) {
    const CHANGES: [&str; 2] = [
        "DELETE FROM events WHERE number = 300",
        "UPDATE events SET count = count + 1, last_at = at WHERE number = 301",
    ];
    let (db, installation) = (fill(&source).await, other_kind(&source));
    let target = installation.open_database().await;
    // A week after the others, so that they may be removed.
    source.execute_script(&APPEND.replace("VALUES (1,", "VALUES (604800010,")).await;
    for change in CHANGES {
        stop_copy(&db, &target, |progress| progress.table == "events" && progress.rows > 0).await;
        source.execute_script(change).await;
        copy(&db, &target).await.expect("copied anew");
        assert_eq!(rows(&target).await, rows(&db).await);
        target_is_stopped(&installation).await;
    }
}

/// As if the last batch had not been copied.
async fn target_is_stopped(installation: &Installation) {
    installation
        .execute_script("INSERT INTO leases VALUES ('copy', '1 the source', 9223372036854775807)")
        .await;
}

for_every_database!(people_stay_signed_in);
async fn people_stay_signed_in(source: Installation) {
    let target = other_kind(&source);
    let app = TestApp::start_in(source, |_| {}).await;
    let alice = app.alice().await;
    let db = Database::open(&app.config.database, app.data_dir()).await.expect("a database");
    let copied = target.open_database().await;
    assert!(matches!(copy(&db, &copied).await, Err(CopyError::InUse(Side::Source))));
    app.stop.cancel();
    let once_stopped = async {
        loop {
            match copy(&db, &copied).await {
                Err(CopyError::InUse(_)) => sleep(Duration::from_millis(20)).await,
                result => break result,
            }
        }
    };
    timeout(Duration::from_secs(20), once_stopped).await.expect("it stops in time").expect("copied");

    fs::copy(app.data_dir().join("secret.key"), target.config.data_dir.join("secret.key")).expect("copied");
    let moved = TestApp::start_in(target, |_| {}).await;
    let alice = alice.reconnect_to(&moved);
    alice.is_signed_in().await;
    alice.sign_out().await;
    alice.is_signed_out().await;
    assert!(matches!(copy(&db, &copied).await, Err(CopyError::InUse(Side::Target))));
}

fn sql(installation: &Installation, statements: &str) -> String {
    let (_, name) = installation.config.database.url.expose().rsplit_once('/').expect("a name");
    servers::postgres().sql(name, statements)
}

#[tokio::test]
async fn a_copy_that_misses_a_change_is_not_complete() {
    let source = Installation::on_empty(Dialect::Postgres);
    let (db, installation) = (fill(&source).await, other_kind(&source));
    let target = installation.open_database().await;
    let mut change = Some("DELETE FROM accounts WHERE id = 'B'");
    let change_late = |progress: Progress| {
        if progress.table == "events" {
            change.take().map(|change| sql(&source, change));
        }
    };
    let copied = copy::copy(&db, &target, NAME, &ManualClock::new(), change_late).await;
    assert!(matches!(copied, Err(CopyError::CountsDiffer { .. })));
    assert_eq!(copy::incomplete_copy_of(&target).await.expect("a mark").as_deref(), Some(NAME));
    copy(&db, &target).await.expect("copied again");
}

#[tokio::test]
async fn of_two_copies_to_the_same_database_the_later_wins() {
    let (source, target) =
        (Installation::on_empty(Dialect::Sqlite), Installation::on_empty(Dialect::Postgres));
    let (db, copied) = (fill(&source).await, target.open_database().await);
    let later = "UPDATE leases SET process = '1 the other source' WHERE task = 'copy'";
    let replace = |progress: Progress| {
        if progress.table == "events" && progress.rows == 1000 {
            sql(&target, later);
        }
    };
    let earlier = copy::copy(&db, &copied, NAME, &ManualClock::new(), replace).await;
    assert!(matches!(earlier, Err(CopyError::Replaced)));
    assert_eq!(sql(&target, "SELECT count(*) FROM events"), "1000", "nothing was copied after that");
    let mark = copy::incomplete_copy_of(&copied).await.expect("a mark");
    assert_eq!(mark.as_deref(), Some("the other source"));
}
