//! The connection to a Valkey or Redis server, or to a cluster of them.

use std::{fs, io, time::Duration};

use redis::{
    Client, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, RedisError,
    RedisFuture, RedisResult, ScriptInvocation, ServerErrorKind, TlsCertificates, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    cluster_async::ClusterConnection,
};

use crate::server::config::ValkeyUrl;

/// How long to wait before the next attempt to connect, at first and at most.
const MIN_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_millis(500);

/// Why there is no connection to Valkey.
#[derive(Debug, thiserror::Error)]
pub enum ValkeyError {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("the certificates cannot be read")]
    Certificates(#[from] io::Error),
}

/// A connection that all requests share, and that is made anew when it breaks.
#[derive(Clone)]
pub enum Connection {
    Single(ConnectionManager),
    Cluster(ClusterConnection),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Single(_) => "Single",
            Self::Cluster(_) => "Cluster",
        })
    }
}

impl Connection {
    /// Connects, and finds out whether the server belongs to a cluster. A command is given up after `timeout`.
    pub async fn open(url: &ValkeyUrl, timeout: Duration) -> Result<Self, ValkeyError> {
        let info = url.url.as_str().into_connection_info()?;
        let certificates = certificates(url)?;
        let single = single(info.clone(), certificates.clone(), timeout).await?;
        let memory: String = single.query(redis::cmd("INFO").arg("memory")).await?;
        if may_evict(&memory) {
            tracing::warn!(
                "Valkey may remove sessions when its memory is full: set maxmemory-policy to noeviction"
            );
        }
        let cluster: String = single.query(redis::cmd("INFO").arg("cluster")).await?;
        if !cluster.contains("cluster_enabled:1") {
            return Ok(single);
        }
        let mut builder =
            ClusterClient::builder([info]).connection_timeout(timeout).response_timeout(timeout).retries(2);
        if let Some(certificates) = certificates {
            builder = builder.certs(certificates);
        }
        Ok(Self::Cluster(builder.build()?.get_async_connection().await?))
    }

    /// Runs a command.
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        command.query_async(&mut self.clone()).await
    }

    /// Runs a command that only reads. If the connection turns out to be broken, as after a restart of the
    /// server, it is run again on a new one.
    pub async fn read<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self.query(command).await {
            Err(error) if is_broken(&error) => self.query(command).await,
            result => result,
        }
    }

    pub async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        script.invoke_async(&mut self.clone()).await
    }
}

/// Whether keys are removed before their time, by the answer to `INFO memory`.
fn may_evict(memory: &str) -> bool {
    let has_line = |expected| memory.lines().any(|line| line == expected);
    !has_line("maxmemory:0") && !has_line("maxmemory_policy:noeviction")
}

fn is_broken(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout()
}

/// True if the server has become a replica of another: the connection leads to the wrong one.
pub fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

async fn single(
    info: ConnectionInfo,
    certificates: Option<TlsCertificates>,
    timeout: Duration,
) -> RedisResult<Connection> {
    let client = match certificates {
        Some(certificates) => Client::build_with_tls(info, certificates)?,
        None => Client::open(info)?,
    };
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(timeout))
        .set_response_timeout(Some(timeout))
        .set_min_delay(MIN_BACKOFF)
        .set_max_delay(MAX_BACKOFF)
        .set_number_of_retries(1);
    Ok(Connection::Single(ConnectionManager::new_with_config(client, config).await?))
}

fn certificates(url: &ValkeyUrl) -> io::Result<Option<TlsCertificates>> {
    let Some(file) = &url.root_certificates else { return Ok(None) };
    Ok(Some(TlsCertificates { client_tls: None, root_cert: Some(fs::read(file)?) }))
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
