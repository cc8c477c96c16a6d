//! A PostgreSQL database, reached through a pool of connections.

mod connection;
mod hosts;
mod tls;

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts};

pub use self::connection::PostgresTransaction;
use self::{connection::Connection, hosts::Hosts};
use super::{
    error::{ConnectError, DatabaseError},
    row::OwnedRow,
    statement::Query,
};
use crate::server::config::{DatabaseConfig, PostgresUrl};

/// What PostgreSQL's own list of connections shows.
const APPLICATION_NAME: &str = "vestibule";
/// How long a connection may be silent before the other side is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How much longer than the server this side waits for a statement: only if nothing comes back at all.
const NETWORK: Duration = Duration::from_secs(1);

/// A pool of connections.
///
/// A connection is not used any more after a statement on it was given up, by a timeout or because the
/// request is gone: the server rolls back what was under way.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: Pool,
    timeout: Duration,
}

impl Postgres {
    /// Prepares the pool; nothing is connected yet.
    pub fn new(url: &PostgresUrl, config: &DatabaseConfig) -> Result<Self, ConnectError> {
        let timeout = config.statement_timeout;
        let mut settings = url.settings.clone();
        settings
            .application_name(APPLICATION_NAME)
            .connect_timeout(config.connect_timeout)
            .keepalives_idle(KEEPALIVE)
            .tcp_user_timeout(KEEPALIVE);
        let options = settings.get_options().unwrap_or_default().to_owned();
        settings.options(format!("{options} {}", server_timeouts(timeout)));
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(settings, Hosts { tls: tls::connector(url)? }, recycling);
        let timeouts = Timeouts {
            wait: Some(config.connect_timeout),
            create: Some(config.connect_timeout),
            recycle: Some(config.connect_timeout),
        };
        let pool = Pool::builder(manager)
            .max_size(config.max_connections)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()?;
        Ok(Self { pool, timeout })
    }

    /// Runs a statement that only reads. If its connection turns out to be broken, as after a restart of the
    /// server, it is run again on another.
    pub(super) async fn read(&self, query: Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        match self.write(query.clone()).await {
            Err(error) if error.is_connection_failure() => self.write(query).await,
            result => result,
        }
    }

    /// Runs a statement, as a transaction of its own.
    pub(super) async fn write(&self, query: Query) -> Result<Vec<OwnedRow>, DatabaseError> {
        self.connection().await?.fetch_all(&query).await
    }

    /// Runs a statement, as a transaction of its own; returns how many rows it has changed.
    pub(super) async fn execute(&self, query: Query) -> Result<u64, DatabaseError> {
        self.connection().await?.execute(&query).await
    }

    pub async fn begin(&self) -> Result<PostgresTransaction, DatabaseError> {
        match PostgresTransaction::begin(self.connection().await?).await {
            // The connection was broken before anything was done with it.
            Err(error) if error.is_connection_failure() => {
                PostgresTransaction::begin(self.connection().await?).await
            }
            begun => begun,
        }
    }

    pub fn close(&self) {
        self.pool.close();
    }

    async fn connection(&self) -> Result<Connection, DatabaseError> {
        match self.pool.get().await {
            Ok(client) => Ok(Connection::new(client, self.timeout + NETWORK)),
            Err(PoolError::Closed) => Err(DatabaseError::Closed),
            Err(error) => Err(error.into()),
        }
    }
}

/// The server gives a statement up, too, so that it does not go on when no one waits for it.
fn server_timeouts(timeout: Duration) -> String {
    let millis = timeout.as_millis();
    format!(
        "-c statement_timeout={millis} -c lock_timeout={millis} -c idle_in_transaction_session_timeout={millis}"
    )
}
