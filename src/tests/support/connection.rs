//! A bare connection, for what no HTTP client would send.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{interval, timeout},
};

/// Longest that the server may take to say what it has to.
const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct RawConnection(TcpStream);

impl RawConnection {
    /// # Errors
    /// If nobody listens.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address).await.map(Self)
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("sent");
    }

    /// Says that nothing more will be sent; still listens.
    pub async fn close_write(&mut self) {
        self.0.shutdown().await.expect("half closed");
    }

    /// Sends a piece again and again, slowly, until the server has had enough.
    pub async fn trickle(&mut self, piece: &str) {
        let mut pace = interval(Duration::from_millis(20));
        let until_closed = async {
            while self.0.write_all(piece.as_bytes()).await.is_ok() {
                pace.tick().await;
            }
        };
        timeout(TIMEOUT, until_closed).await.expect("the server closes in time");
    }

    /// All that comes until the server closes.
    pub async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(TIMEOUT, self.0.read_to_end(&mut bytes)).await.expect("the server closes in time");
        // A server that closes before it has read everything resets the connection.
        if let Err(error) = read {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What comes next, as far as the end of a head.
    pub async fn head(&mut self) -> String {
        timeout(TIMEOUT, self.read_head()).await.expect("the server answers in time")
    }

    async fn read_head(&mut self) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await.expect("more to read"));
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}

/// The status of a raw answer.
pub fn status(answer: &str) -> u16 {
    let code = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}
