//! The limit of open files.

use vestibule::server::config::Config;

use crate::support::{Installation, RawConnection, ServerProcess, Stores, servers, status};

const WARNING: &str = "are possible with a limit of";
const GET: &str = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn config(installation: &Installation) -> Config {
    let mut config = installation.config.clone();
    config.http.listen.set_port(servers::free_port());
    config
}

/// Opens so many connections, and asks over each whether the server and its stores work.
async fn open(config: &Config, count: usize) -> Vec<RawConnection> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = RawConnection::connect(config.http.listen).await.expect("connected");
        is_ready(&mut connection).await;
        connections.push(connection);
    }
    connections
}

async fn is_ready(connection: &mut RawConnection) {
    connection.send(GET).await;
    let response = connection.read_some().await.expect("a response");
    assert_eq!(status(&response), 200, "{response}");
}

#[tokio::test]
async fn the_soft_limit_is_raised() {
    let installation = Installation::on(Stores::chosen());
    let config = config(&installation);
    let setting = "ulimit -S -n 100 && export VESTIBULE_HTTP__MAX_CONNECTIONS=200";
    let server = ServerProcess::start_after(&config, setting);
    for connection in &mut open(&config, 150).await {
        is_ready(connection).await;
    }
    assert!(!server.log().contains(WARNING), "{}", server.log());
}

#[tokio::test]
async fn connections_leave_descriptors_for_the_database() {
    let installation = Installation::on(Stores::chosen());
    let config = config(&installation);
    let server = ServerProcess::start_after(&config, "ulimit -n 250");
    assert!(server.log().contains(WARNING), "{}", server.log());
    open(&config, 250).await;
    assert!(!server.log().contains("could not be accepted"), "{}", server.log());
}
