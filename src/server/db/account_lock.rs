//! One transaction at a time changes which sessions of an account are live.

use std::collections::BTreeSet;

use super::{DatabaseError, Statement, Transaction};
use crate::server::domain::AccountId;

/// In SQLite a transaction has the whole database to itself.
const LOCK: Statement = Statement::only_postgres("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");

/// `$1` is a JSON array.
const LOCK_MANY: Statement = Statement::only_postgres(
    "SELECT pg_advisory_xact_lock(hashtextextended(account, 0)) \
     FROM json_array_elements_text($1::text::json) account",
);

/// Waits until no other transaction rotates or ends sessions of the account. Without, the one that ends them all
/// would not see the session that the other has just inserted.
///
/// # Errors
/// If the database fails.
pub async fn lock_account(transaction: &mut Transaction, account: &AccountId) -> Result<(), DatabaseError> {
    LOCK.bind(account.as_str()).fetch_all(transaction).await.map(drop)
}

/// The same for several accounts. They are locked in their order: two such calls never wait for each other.
///
/// # Errors
/// If the database fails.
pub async fn lock_accounts(
    transaction: &mut Transaction,
    accounts: &BTreeSet<String>,
) -> Result<(), DatabaseError> {
    LOCK_MANY.bind(serde_json::to_string(accounts)?).fetch_all(transaction).await.map(drop)
}
