//! The limit of open files.

use vestibule::server::config::Config;

use crate::support::{Installation, RawConnection, ServerProcess, Stores, servers, status};

const WARNING: &str = "are possible with a limit of";
const HALF_A_HEAD: &str = "GET /readyz HTTP/1.1\r\nHost: localhost\r\n";

fn config(installation: &Installation) -> Config {
    let mut config = installation.config.clone();
    config.http.listen.set_port(servers::free_port());
    config
}

/// Opens so many connections at once that have sent half a head.
async fn open(config: &Config, count: usize) -> Vec<RawConnection> {
    let mut connections = Vec::new();
    for _ in 0..count {
        let mut connection = RawConnection::connect(config.http.listen).await.expect("connected");
        connection.send(HALF_A_HEAD).await;
        connections.push(connection);
    }
    connections
}

#[tokio::test]
async fn the_soft_limit_is_raised() {
    let installation = Installation::on(Stores::chosen());
    let config = config(&installation);
    let server = ServerProcess::start_after(&config, "ulimit -S -n 100");
    let mut connections = open(&config, 150).await;
    for connection in &mut connections {
        connection.send("\r\n").await;
        assert_eq!(status(&connection.read_head().await), 200);
    }
    assert!(!server.log().contains(WARNING), "{}", server.log());
}

#[tokio::test]
async fn connections_leave_descriptors_for_the_database() {
    let installation = Installation::on(Stores::chosen());
    let config = config(&installation);
    let server = ServerProcess::start_after(&config, "ulimit -n 250");
    assert!(server.log().contains(WARNING), "{}", server.log());
    let _slow = open(&config, 240).await;
    let mut person = RawConnection::connect(config.http.listen).await.expect("connected");
    person.send(format!("{HALF_A_HEAD}\r\n")).await;
    let head = person.read_head().await;
    assert_eq!(status(&head), 200, "{head}");
    assert!(!server.log().contains("could not be accepted"), "{}", server.log());
}
