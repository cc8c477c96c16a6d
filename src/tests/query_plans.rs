//! The SQL of the program: both databases understand it, and however many rows there are, each statement
//! finds its own by an index.

use vestibule::server::{
    db::{
        Database, Dialect, Row, Statement, Transaction, accounts, ended_sessions, events, leases, processes,
    },
    sessions::SqlStore,
};

use crate::support::{Installation, for_every_database, statement};

/// The files with statements, and their lists of them.
const FILES: [(&str, &[Statement]); 6] = [
    (include_str!("../server/sessions/store/sql/statements.rs"), SqlStore::STATEMENTS),
    (include_str!("../server/db/accounts.rs"), accounts::STATEMENTS),
    (include_str!("../server/db/ended_sessions.rs"), ended_sessions::STATEMENTS),
    (include_str!("../server/db/events.rs"), events::STATEMENTS),
    (include_str!("../server/db/leases.rs"), leases::STATEMENTS),
    (include_str!("../server/db/processes.rs"), processes::STATEMENTS),
];
/// Tables that always have a few rows only.
const SMALL_TABLES: [&str; 2] = ["leases", "processes"];
/// Steps of a plan that read a table, or an index, from its beginning to its end.
const WHOLE_TABLE: [&str; 6] =
    ["SCAN sessions", "SCAN accounts", "SCAN a", "SCAN events", "SCAN ended_sessions", "Seq Scan"];

/// PostgreSQL plans by how many rows there are, and of what: here, as in an application that is in use.
const FILL_POSTGRES: &str = "
    INSERT INTO accounts SELECT 'a' || n, 'Ada', n || '@example.org', n || '@example.org', '-', 0, 1, 0
        FROM generate_series(1, 10000) n;
    INSERT INTO sessions SELECT md5('id' || n), md5('handle' || n), 'a' || n, 'pwd', 0, 1, n % 2, 'ua', '::1',
        '{}', n, n, n, n, n, CASE WHEN n % 10 = 0 THEN n END, CASE WHEN n % 10 = 0 THEN 'signed_out' END
        FROM generate_series(1, 10000) n;
    INSERT INTO events (at, account_id, address, user_agent, kind, details)
        SELECT n, 'a' || n, '::1', 'ua', 'signed_in', '{}' FROM generate_series(1, 10000) n;
    INSERT INTO ended_sessions SELECT md5('id' || n), 'signed_out', n FROM generate_series(1, 10000) n;
    ANALYZE";

#[test]
fn the_lists_of_statements_are_complete() {
    for (source, statements) in FILES {
        assert_eq!(source.matches(": Statement =").count(), statements.len(), "{statements:#?}");
    }
}

for_every_database!(no_statement_reads_a_whole_table);
async fn no_statement_reads_a_whole_table(installation: Installation) {
    let db = installation.open_database().await; installation.execute_script("DROP INDEX sessions_by_account").await;
    if db.dialect() == Dialect::Postgres {
        installation.execute_script(FILL_POSTGRES).await;
    }
    for statement in FILES.into_iter().flat_map(|(_, statements)| statements) {
        let sql = statement.text(db.dialect());
        let plan = plan(&db, sql).await;
        let steps: Vec<_> = plan.iter().map(|step| step.trim_start_matches([' ', '-', '>'])).collect();
        if sql.starts_with("INSERT") || SMALL_TABLES.iter().any(|table| sql.contains(table)) {
            continue; // it is understood, which is enough
        }
        let reads_all = |step: &&str| WHOLE_TABLE.iter().any(|start| starts_with_words(step, start));
        assert!(!steps.iter().any(reads_all), "{sql}\n{}", plan.join("\n"));
        let uses_index = |step: &&str| step.starts_with("SEARCH ") || step.starts_with("Index Cond: ");
        assert!(steps.iter().any(uses_index), "{sql}\n{}", plan.join("\n"));
    }
}

fn starts_with_words(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
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
    for setting in ["enable_seqscan = off", "plan_cache_mode = force_generic_plan"] {
        ask(transaction, format!("SET LOCAL {setting}"), 0).await;
    }
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
