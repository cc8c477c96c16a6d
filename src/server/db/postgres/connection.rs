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

/// A connection of the pool. It does not return there if a statement on it was not answered.
#[derive(Debug)]
pub struct Connection {
    /// `None` once it was dropped.
    client: Option<Client>,
    /// For all that is done on it until it returns to the pool. `None` if that may take any time.
    deadline: Option<Instant>,
    /// True while a statement is under way, and after it failed in a way that the connection does not survive.
    spoilt: bool,
}

impl Connection {
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client: Some(client), deadline: Some(Instant::now() + timeout), spoilt: false }
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
        self.spoilt = true;
        let answer = until(self.deadline, statement(client)).await;
        let failed = answer.as_ref().err();
        self.spoilt =
            failed.is_some_and(|error| error.is_of_connection() || matches!(error, DatabaseError::TimedOut));
        if failed.is_some_and(DatabaseError::is_of_connection)
            && let Some(pool) = Object::pool(client)
        {
            // What has broken this connection has broken those that wait in the pool, too.
            pool.retain(|_, _| false);
        }
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
        if self.spoilt
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
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
}

impl PostgresTransaction {
    pub(super) async fn begin(mut connection: Connection) -> Result<Self, DatabaseError> {
        connection.execute_text("BEGIN").await?;
        Ok(Self { connection, is_open: true })
    }

    pub async fn fetch_all(&mut self, query: &Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        self.connection.fetch_all(query).await
    }

    pub async fn execute(&mut self, query: &Query) -> Result<u64, DatabaseError> {
        self.connection.execute(query).await
    }

    /// Runs statements without parameters, however long they take.
    pub async fn execute_script(&mut self, sql: &str) -> Result<(), DatabaseError> {
        self.connection.deadline = None;
        self.connection.execute_text(sql).await
    }

    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        self.connection.execute_text("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        if self.is_open
            && !self.connection.spoilt
            && let Some(client) = &self.connection.client
        {
            // Polling it once sends it; whatever is done on the connection next comes after it.
            let rollback = client.batch_execute("ROLLBACK");
            pin_mut!(rollback);
            let _ = rollback.now_or_never();
        }
    }
}
