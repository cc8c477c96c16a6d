//! The log tells of a proxy that hides its visitors, or does not pass on what they asked for.

use vestibule::server::db::Dialect;

use crate::support::{Installation, RawConnection, ServerProcess};

async fn log_after(server: &ServerProcess, headers: &[&str]) -> String {
    for header in headers {
        let mut connection = RawConnection::connect(server.address()).await.expect("connected");
        let head =
            format!("GET /login HTTP/1.1\r\n{header}\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
        connection.send(head).await;
        assert!(connection.read_to_end().await.starts_with("HTTP/1.1 200"), "{header}");
    }
    let mut connection = RawConnection::connect(server.address()).await.expect("connected");
    connection
        .send("GET /forgot-password HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n")
        .await;
    connection.read_to_end().await;
    server.wait_for("/forgot-password");
    server.log()
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_told_of_once_and_what_is_known_of_another_host() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let server = ServerProcess::start(&installation.config, &[("VESTIBULE_LOG", "info")]);
    let log = log_after(
        &server,
        &[
            "Host: localhost:3000\r\nX-Forwarded-For: 203.0.113.9",
            "Host: localhost:3000\r\nX-Forwarded-For: 203.0.113.10",
            "Host: other.example",
        ],
    );
    let log = log.await;
    let sentence = "X-Forwarded-For comes from 127.0.0.1, which is not in http.trusted_proxies, so all visitors behind it \
        count as one address: name it there";
    assert_eq!(log.matches(sentence).count(), 1, "{log}");
    assert!(log.contains("either visitors use that address, where signing in does not work"), "{log}");
    assert!(log.contains("or the proxy does not pass on Host and X-Forwarded-Proto"), "{log}");
}

#[tokio::test]
async fn a_trusted_proxy_that_sends_no_client_is_told_of_once() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let trusted = [("VESTIBULE_HTTP__TRUSTED_PROXIES", "127.0.0.1")];
    let server = ServerProcess::start(&installation.config, &trusted);
    let log = log_after(&server, &["Host: localhost:3000", "Host: localhost:3000"]).await;
    let sentence = "the proxy at 127.0.0.1, which is in http.trusted_proxies, sends no X-Forwarded-For";
    assert_eq!(log.matches(sentence).count(), 1, "{log}");
}
