//! A connection of the pool, and a transaction on it.

use std::{future::Future, time::Duration};

use deadpool_postgres::{Client, Object};
use futures_util::{FutureExt, TryStreamExt, pin_mut};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Statement, types::ToSql};

use super::super::{
    error::DatabaseError,
    row::OwnedRow,
    statement::{Dialect, Parameter, Query},
};

/// A server that has not answered a statement for this long may be gone.
const UNANSWERED: Duration = Duration::from_secs(1);

/// A connection of the pool. It does not return there if a statement on it was not answered.
#[derive(Debug)]
pub struct Connection {
    /// `None` once it was dropped.
    client: Option<Client>,
    /// For all that is done on it until it returns to the pool. `None` if that may take any time.
    deadline: Option<Instant>,
    /// True while a statement is under way, and after it failed in a way that the connection does not survive.
    broken: bool,
    /// True if that is known, and not only that it was not answered.
    has_failed: bool,
    /// When the last statement began.
    began: Instant,
}

impl Connection {
    pub fn new(client: Client, timeout: Duration) -> Self {
        let began = Instant::now();
        Self {
            client: Some(client),
            deadline: Some(began + timeout),
            broken: false,
            has_failed: false,
            began,
        }
    }

    pub async fn fetch_all(&mut self, query: &Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        self.run(async |client| {
            let statement = client.prepare_cached(query.statement.text(Dialect::Postgres)).await?;
            let rows = client.query_raw(&statement, parameters(query)).await?;
            Ok(rows.map_ok(OwnedRow::Postgres).try_collect().await?)
        })
        .await
    }

    pub async fn execute(&mut self, query: &Query) -> Result<u64, DatabaseError> {
        self.run(async |client| {
            let statement: Statement = client.prepare_cached(query.statement.text(Dialect::Postgres)).await?;
            Ok(client.execute_raw(&statement, parameters(query)).await?)
        })
        .await
    }

    pub async fn execute_text(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.run(async |client| Ok(client.batch_execute(sql).await?)).await
    }

    async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&Client) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let Some(client) = &self.client else { return Err(DatabaseError::Closed) };
        (self.broken, self.began) = (true, Instant::now());
        let answer = until(self.deadline, statement(client)).await;
        self.has_failed = answer.as_ref().is_err_and(DatabaseError::is_connection_failure);
        self.broken = self.has_failed || matches!(answer, Err(DatabaseError::TimedOut));
        answer
    }
}

async fn until<T>(
    deadline: Option<Instant>,
    answer: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    match deadline {
        Some(deadline) => timeout_at(deadline, answer).await.unwrap_or(Err(DatabaseError::TimedOut)),
        None => answer.await,
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.broken
            && let Some(client) = self.client.take()
        {
            let pool = Object::pool(&client);
            drop(Object::take(client));
            // What has broken this connection has broken those that wait in the pool, too; unless it was only a
            // client that did not wait for its answer.
            if let Some(pool) = pool.filter(|_| self.has_failed || self.began.elapsed() >= UNANSWERED) {
                pool.retain(|_, _| false);
            }
        }
    }
}

fn parameters(query: &Query) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
    query.parameters.iter().map(|parameter| -> &(dyn ToSql + Sync) {
        match parameter {
            Parameter::Text(text) => text,
            Parameter::Integer(integer) => integer,
        }
    })
}

/// A transaction. Dropped without `commit`, it is rolled back.
#[derive(Debug)]
pub struct PostgresTransaction {
    connection: Connection,
    is_open: bool,
    /// A statement has failed, so that PostgreSQL would answer COMMIT by rolling back, without an error.
    is_aborted: bool,
}

impl PostgresTransaction {
    pub(super) async fn begin(mut connection: Connection) -> Result<Self, DatabaseError> {
        // Whatever the server's default is: after a lock was waited for, what others have committed must be seen.
        connection.execute_text("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
        Ok(Self { connection, is_open: true, is_aborted: false })
    }

    pub async fn fetch_all(&mut self, query: &Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        let rows = self.connection.fetch_all(query).await;
        self.is_aborted |= rows.is_err();
        rows
    }

    pub async fn execute(&mut self, query: &Query) -> Result<u64, DatabaseError> {
        let changed = self.connection.execute(query).await;
        self.is_aborted |= changed.is_err();
        changed
    }

    /// Runs statements without parameters, however long they take.
    pub async fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.deadline = None;
        self.connection.execute_text(sql).await
    }

    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        if self.is_aborted {
            return Err(DatabaseError::Aborted);
        }
        self.connection.execute_text("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        if self.is_open
            && !self.connection.broken
            && let Some(client) = &self.connection.client
        {
            // Polling it once sends it; whatever is done on the connection next comes after it.
            let rollback = client.batch_execute("ROLLBACK");
            pin_mut!(rollback);
            let _ = rollback.now_or_never();
        }
    }
}
