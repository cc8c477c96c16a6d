//! A raw TCP connection, for requests that no HTTP client would send.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{interval, timeout},
};

/// How long the server may take to respond or close.
const TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct RawConnection(TcpStream);

impl RawConnection {
    /// # Errors
    /// If the server does not listen.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        TcpStream::connect(address).await.map(Self)
    }

    /// A connection from another address of this machine.
    ///
    /// # Errors
    /// If the server does not listen.
    pub async fn connect_from(source: IpAddr, address: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        socket.connect(address).await.map(Self)
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("sent");
    }

    /// Closes the sending half of the connection.
    pub async fn close_write(&mut self) {
        self.0.shutdown().await.expect("half closed");
    }

    /// Sends `piece` every few milliseconds until the server closes.
    pub async fn trickle(&mut self, piece: &str) {
        let mut ticks = interval(Duration::from_millis(20));
        let until_closed = async {
            while self.0.write_all(piece.as_bytes()).await.is_ok() {
                ticks.tick().await;
            }
        };
        timeout(TIMEOUT, until_closed).await.expect("the server closes in time");
    }

    /// Everything that the server sends until it closes.
    pub async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = timeout(TIMEOUT, self.0.read_to_end(&mut bytes)).await.expect("the server closes in time");
        // A server that closes before it has read everything resets the connection.
        if let Err(error) = read {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The next response, up to the blank line after its headers.
    pub async fn read_head(&mut self) -> String {
        timeout(TIMEOUT, self.read_until_blank_line()).await.expect("the server responds in time")
    }

    /// What arrives next; `None` if the server closes.
    pub async fn read_some(&mut self) -> Option<String> {
        let mut bytes = vec![0; 64 << 10];
        let read = timeout(TIMEOUT, self.0.read(&mut bytes)).await.expect("the server responds in time");
        bytes.truncate(read.unwrap_or_default());
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads `size` bytes every few milliseconds, for as long as there is something new; returns how many in all.
    pub async fn read_slowly(&mut self, size: usize) -> usize {
        let (mut bytes, mut received) = (vec![0; size], 0);
        let mut ticks = interval(Duration::from_millis(20));
        while let Ok(Ok(read @ 1..)) = timeout(Duration::from_secs(1), self.0.read(&mut bytes)).await {
            received += read;
            ticks.tick().await;
        }
        received
    }

    async fn read_until_blank_line(&mut self) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await.expect("more to read"));
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}

/// The status of a raw response.
pub fn status(response: &str) -> u16 {
    let code = response.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no HTTP response: {response:?}"))
}
