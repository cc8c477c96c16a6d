//! Connecting to one of several hosts, of which one is the primary.

use std::{future::Future, pin::Pin};

use deadpool_postgres::Connect;
use futures_util::{FutureExt, future::select_ok};
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, Error,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

type Connecting<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

/// Asks all hosts at once, and takes the first that may write: one that does not answer holds nothing up. (The
/// library would ask one after the other.)
pub struct Hosts {
    pub tls: MakeRustlsConnect,
}

impl Connect for Hosts {
    fn connect(&self, settings: &Config) -> Connecting<'_> {
        let ports = settings.get_ports().iter().cycle();
        let hosts = settings.get_hosts().iter().zip(ports);
        let attempts: Vec<_> = hosts
            .map(|(host, port)| connect(only(settings, host, *port), self.tls.clone()).boxed())
            .collect();
        async { select_ok(attempts).await.map(|(connected, _)| connected) }.boxed()
    }
}

async fn connect(settings: Config, tls: MakeRustlsConnect) -> Result<(Client, JoinHandle<()>), Error> {
    let (client, connection) = settings.connect(tls).await?;
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a connection to PostgreSQL ended");
        }
    });
    Ok((client, task))
}

/// The same settings for one of the hosts.
fn only(settings: &Config, host: &Host, port: u16) -> Config {
    let mut only = Config::new();
    match host {
        Host::Tcp(name) => only.host(name),
        Host::Unix(path) => only.host_path(path),
    };
    only.port(port)
        .ssl_mode(settings.get_ssl_mode())
        .channel_binding(settings.get_channel_binding())
        .target_session_attrs(settings.get_target_session_attrs())
        .keepalives_idle(settings.get_keepalives_idle());
    debug_assert_ne!(settings.get_ssl_mode(), SslMode::Prefer, "TLS is either required or off");
    if let Some(user) = settings.get_user() {
        only.user(user);
    }
    if let Some(password) = settings.get_password() {
        only.password(password);
    }
    if let Some(database) = settings.get_dbname() {
        only.dbname(database);
    }
    if let Some(options) = settings.get_options() {
        only.options(options);
    }
    if let Some(name) = settings.get_application_name() {
        only.application_name(name);
    }
    if let Some(timeout) = settings.get_connect_timeout() {
        only.connect_timeout(*timeout);
    }
    if let Some(timeout) = settings.get_tcp_user_timeout() {
        only.tcp_user_timeout(*timeout);
    }
    only
}
