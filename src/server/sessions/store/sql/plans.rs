//! However many sessions there are, every statement finds its rows by an index.

use sqlx::{AssertSqlSafe, Row};

use super::statements::*;
use crate::server::db::Database;

#[tokio::test]
async fn no_statement_reads_the_whole_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Database::open_and_migrate(&folder.path().join("test.db")).await.expect("a database");
    let reading = [LOAD, LOAD_DATA, LIST, EXPIRED, EXPIRED_BY_ID, TOO_LATE];
    let writing =
        [SAVE_DATA, TOUCH, END_BY_ID, END_BY_HANDLE, END_ALL_EXCEPT, END_ALL, EXPIRE, SHORTEN, FORGET];
    for sql in reading.into_iter().chain(writing) {
        let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        let rows = explain.fetch_all(db.writer()).await.expect("a plan");
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        assert!(plan.iter().any(|step| step.contains("USING")), "{sql}: {plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{sql}: {plan:?}");
    }
}
