//! The SQL of the program: both databases understand it, and however many rows there are, each statement
//! finds its own by an index.

use std::collections::HashMap;

use vestibule::server::{
    db::{
        Database, Dialect, Row, Statement, Transaction, account_status, accounts, ended_sessions, events,
        leases, limits, mailed_tokens, mails, processes, registrations,
    },
    sessions::SqlStore,
};

use crate::support::{Installation, for_every_database, statement};

/// The files with statements, and their lists of them.
const FILES: [(&str, &[Statement]); 11] = [
    (include_str!("../server/sessions/store/sql/statements.rs"), SqlStore::STATEMENTS),
    (include_str!("../server/db/account_status.rs"), account_status::STATEMENTS),
    (include_str!("../server/db/accounts.rs"), accounts::STATEMENTS),
    (include_str!("../server/db/ended_sessions.rs"), ended_sessions::STATEMENTS),
    (include_str!("../server/db/events.rs"), events::STATEMENTS),
    (include_str!("../server/db/leases.rs"), leases::STATEMENTS),
    (include_str!("../server/db/limits.rs"), limits::STATEMENTS),
    (include_str!("../server/db/mailed_tokens.rs"), mailed_tokens::STATEMENTS),
    (include_str!("../server/db/mails.rs"), mails::STATEMENTS),
    (include_str!("../server/db/processes.rs"), processes::STATEMENTS),
    (include_str!("../server/db/registrations.rs"), registrations::STATEMENTS),
];
/// Tables that always have a few rows only.
const SMALL_TABLES: [&str; 2] = ["leases", "processes"];
/// PostgreSQL plans by how many rows there are, and of what: here, as in an application that is in use.
const FILL_POSTGRES: &str = "
    INSERT INTO accounts SELECT 'a' || n, 'Ada', n || '@example.org', n || '@example.org', '-', 0, 1, 0
        FROM generate_series(1, 100000) n;
    INSERT INTO sessions SELECT md5('id' || n), md5('handle' || n), 'a' || n, 'pwd', 0, 1, n % 2, 'ua', '::1',
        '{}', n, n, n, n, n, CASE WHEN n % 10 = 0 THEN n END, CASE WHEN n % 10 = 0 THEN 'signed_out' END
        FROM generate_series(1, 100000) n;
    INSERT INTO events (at, account_id, address, user_agent, kind, details)
        SELECT n, 'a' || n, '::1', 'ua', 'signed_in', '{}' FROM generate_series(1, 100000) n;
    INSERT INTO limits SELECT md5('key' || n), n, n FROM generate_series(1, 100000) n;
    INSERT INTO ended_sessions SELECT md5('id' || n), 'signed_out', n FROM generate_series(1, 100000) n;
    INSERT INTO registrations SELECT 'r' || n, 'r' || n, 'Ada', '-', n FROM generate_series(1, 100000) n;
    INSERT INTO mailed_tokens SELECT md5('token' || n), 'reset_password', 'a' || n, 'a' || n, 'r' || n, 'r' || n, n, n
        FROM generate_series(1, 100000) n;
    INSERT INTO mails SELECT md5('mail' || n), '{}', 'a' || n, 'r' || n, n, 0, CASE WHEN n % 2 = 0 THEN n END
        FROM generate_series(1, 100000) n;
    UPDATE accounts SET delete_at = created_at WHERE id LIKE 'a%0';
    ANALYZE";

#[test]
fn the_lists_of_statements_are_complete() {
    for (source, statements) in FILES {
        assert_eq!(source.matches(": Statement =").count(), statements.len(), "{statements:#?}");
    }
}

for_every_database!(every_statement_finds_its_rows_by_an_index);
async fn every_statement_finds_its_rows_by_an_index(installation: Installation) {
    let db = installation.open_database().await;
    if db.dialect() == Dialect::Postgres {
        installation.execute_script(FILL_POSTGRES).await;
    }
    let first_columns = first_columns(&db).await;
    for statement in FILES.into_iter().flat_map(|(_, statements)| statements) {
        let sql = statement.text(db.dialect());
        let plan = plan(&db, sql).await;

        if sql.starts_with("INSERT") || SMALL_TABLES.iter().any(|table| sql.contains(table)) {
            continue; // it is understood, which is enough
        }
        let finds = match db.dialect() {
            Dialect::Sqlite => finds_in_sqlite(&plan),
            Dialect::Postgres => finds_in_postgres(&plan, &first_columns),
        };
        assert!(finds, "{sql}\n{}", plan.join("\n"));
    }
}

/// SCAN reads a table from its beginning to its end. So does SEARCH in an index where a column is not NULL, which
/// is shown as larger than something.
fn finds_in_sqlite(plan: &[String]) -> bool {
    const STORED: [&str; 10] = [
        "sessions",
        "accounts",
        "a",
        "other",
        "events",
        "ended_sessions",
        "limits",
        "registrations",
        "mailed_tokens",
        "mails",
    ];
    let mut scanned = plan.iter().filter_map(|step| step.strip_prefix("SCAN ")?.split(' ').next());
    let mut searches = plan.iter().filter(|step| step.starts_with("SEARCH ")).peekable();
    let finds = |step: &String| step.contains("=?") || step.contains("<?");
    searches.peek().is_some() && searches.all(finds) && !scanned.any(|table| STORED.contains(&table))
}

/// An index may be read from its beginning to its end, too: when the condition is not about its first column.
fn finds_in_postgres(plan: &[String], first_columns: &HashMap<String, String>) -> bool {
    let steps: Vec<_> = plan.iter().map(|step| step.trim_start_matches([' ', '-', '>'])).collect();
    let next = steps.iter().skip(1).chain([&""]);
    let mut searches = steps.iter().zip(next).filter_map(|(step, next)| {
        let index = step.split_once(" using ").map(|(_, rest)| rest.split(' ').next().unwrap_or(rest));
        let column = first_columns.get(index.or_else(|| step.strip_prefix("Bitmap Index Scan on "))?)?;
        let is_about = |operator| next.contains(&format!("({column} {operator} "));
        Some(next.starts_with("Index Cond: ") && (is_about("=") || is_about("<=")))
    });
    let first = searches.next();
    first == Some(true)
        && searches.all(|finds| finds)
        && !steps.iter().any(|step| step.starts_with("Seq Scan"))
}

/// The first column of each index of a PostgreSQL database.
async fn first_columns(db: &Database) -> HashMap<String, String> {
    let indexes = Statement::only_postgres(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) \
         FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'public'::regnamespace",
    );
    let rows = indexes.query().fetch_all(db.reader()).await.expect("indexes");
    rows.iter().map(|row| (row.text(0).expect("an index"), row.text(1).expect("a column"))).collect()
}

/// The steps in which the database runs a statement, whatever its parameters are.
async fn plan(db: &Database, sql: &str) -> Vec<String> {
    let mut transaction = db.begin().await.expect("a transaction");
    match db.dialect() {
        Dialect::Sqlite => ask(&mut transaction, format!("EXPLAIN QUERY PLAN {sql}"), 3).await,
        Dialect::Postgres => plan_in_postgres(&mut transaction, sql).await,
    }
}

async fn plan_in_postgres(transaction: &mut Transaction, sql: &str) -> Vec<String> {
    ask(transaction, "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(), 0).await;
    ask(transaction, format!("PREPARE planned AS {sql}"), 0).await;
    let types = "SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = 'planned'";
    let types = ask(transaction, types.to_owned(), 0).await;
    assert!(types.iter().all(|name| ["text", "bigint"].contains(&name.as_str())), "{types:?} in {sql}");
    let parameters = vec!["NULL"; types.len()].join(", ");
    let plan = ask(transaction, format!("EXPLAIN (COSTS OFF) EXECUTE planned ({parameters})"), 0).await;
    ask(transaction, "DEALLOCATE planned".to_owned(), 0).await;
    plan
}

/// Runs a statement; returns a column of its rows.
async fn ask(transaction: &mut Transaction, sql: String, column: usize) -> Vec<String> {
    let rows = statement(sql.clone()).query().fetch_all(transaction).await;
    let rows = rows.unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    rows.iter().map(|row| row.text(column).expect("text")).collect()
}
