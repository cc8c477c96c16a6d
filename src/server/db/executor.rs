//! What a query runs on: the one place that tells the databases apart when something is asked.

use sqlx::{Executor as _, SqliteConnection, SqlitePool};

use super::{
    error::DatabaseError,
    postgres::{Postgres, PostgresTransaction},
    row::OwnedRow,
    sqlite::{Durability, Writer, bound},
    statement::{Dialect, Query},
};

/// What a query runs on.
#[derive(Debug)]
pub enum Executor<'a> {
    SqlitePool(&'a SqlitePool),
    SqliteWriter(&'a Writer, Durability),
    SqliteTransaction(&'a mut SqliteConnection),
    PostgresReader(&'a Postgres),
    PostgresWriter(&'a Postgres),
    PostgresTransaction(&'a mut PostgresTransaction),
}

impl Executor<'_> {
    fn dialect(&self) -> Dialect {
        match self {
            Self::SqlitePool(_) | Self::SqliteWriter(..) | Self::SqliteTransaction(_) => Dialect::Sqlite,
            Self::PostgresReader(_) | Self::PostgresWriter(_) | Self::PostgresTransaction(_) => {
                Dialect::Postgres
            }
        }
    }

    pub(super) async fn fetch_all(self, query: Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        if query.statement.text(self.dialect()).is_empty() {
            return Ok(Vec::new());
        }
        let rows = match self {
            Self::SqlitePool(pool) => bound(query).fetch_all(pool).await?,
            Self::SqliteWriter(writer, durability) => {
                bound(query).fetch_all(&mut *writer.acquire(durability).await?).await?
            }
            Self::SqliteTransaction(connection) => bound(query).fetch_all(connection).await?,
            Self::PostgresReader(postgres) => return postgres.read(query).await,
            Self::PostgresWriter(postgres) => return postgres.write(query).await,
            Self::PostgresTransaction(transaction) => return transaction.fetch_all(&query).await,
        };
        Ok(rows.into_iter().map(OwnedRow::Sqlite).collect())
    }

    pub(super) async fn execute(self, query: Query) -> Result<u64, DatabaseError> {
        if query.statement.text(self.dialect()).is_empty() {
            return Ok(0);
        }
        let changed = match self {
            Self::SqlitePool(pool) => bound(query).execute(pool).await?,
            Self::SqliteWriter(writer, durability) => {
                bound(query).execute(&mut *writer.acquire(durability).await?).await?
            }
            Self::SqliteTransaction(connection) => bound(query).execute(connection).await?,
            Self::PostgresReader(postgres) | Self::PostgresWriter(postgres) => {
                return postgres.execute(query).await;
            }
            Self::PostgresTransaction(transaction) => return transaction.execute(&query).await,
        };
        Ok(changed.rows_affected())
    }
}

/// Several statements that belong together. Dropped without `commit`, it rolls back.
#[derive(Debug)]
pub enum Transaction {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(Box<PostgresTransaction>),
}

impl Transaction {
    /// Makes the changes permanent.
    ///
    /// # Errors
    /// If the database fails. Whether the changes were made is not known if it did not answer.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(transaction) => Ok(transaction.commit().await?),
            Self::Postgres(transaction) => transaction.commit().await,
        }
    }

    /// Runs statements without parameters, separated by semicolons, however long they take.
    pub(super) async fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(transaction) => {
                transaction.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql))).await?;
                Ok(())
            }
            Self::Postgres(transaction) => transaction.execute_script(sql).await,
        }
    }
}

impl<'a> From<&'a mut Transaction> for Executor<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        match transaction {
            Transaction::Sqlite(transaction) => Self::SqliteTransaction(transaction),
            Transaction::Postgres(transaction) => Self::PostgresTransaction(transaction),
        }
    }
}

impl Query {
    /// Runs it; returns its rows.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn fetch_all(self, executor: impl Into<Executor<'_>>) -> Result<Vec<OwnedRow>, DatabaseError> {
        executor.into().fetch_all(self).await
    }

    /// Runs it; returns its first row.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn fetch_optional(
        self,
        executor: impl Into<Executor<'_>>,
    ) -> Result<Option<OwnedRow>, DatabaseError> {
        Ok(self.fetch_all(executor).await?.into_iter().next())
    }

    /// Runs it; returns how many rows it has changed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn execute(self, executor: impl Into<Executor<'_>>) -> Result<u64, DatabaseError> {
        executor.into().execute(self).await
    }
}
