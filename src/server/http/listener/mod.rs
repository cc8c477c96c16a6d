//! The accept loop. `axum::serve` sets no timer, so one slow client after another could hold
//! connections for ever; it has no cap on them, and leaves Nagle's algorithm on.

mod activity;
mod bodies;
mod connection;
mod places;
mod stream;
mod transfer_rate;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    select,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    places::{Full, Place, Places},
    stream::Stream,
};
use super::middleware::SecurityHeaders;
use crate::server::{
    config::HttpConfig,
    domain::{Clock, WarningThrottle},
};

/// Clients that wait to be accepted.
const BACKLOG: u32 = 1024;
/// What the system keeps at most for a client that does not read, in bytes; by itself it would be megabytes. Enough for
/// a megabyte a second around the world.
const SEND_BUFFER: u32 = 128 * 1024;
/// Pause after an accept that failed for lack of file descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);
/// How often it is tried to make room while all connections are busy.
const ROOM_INTERVAL: Duration = Duration::from_millis(100);
/// The same warning is not repeated sooner.
const WARNING_INTERVAL: Duration = Duration::from_secs(60);

/// Listens on this address.
///
/// # Errors
/// If the operating system does not allow it.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As tokio does: a server that starts again must not wait until the connections before are forgotten.
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?; // connections inherit it
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop`, then lets requests under way finish, for no longer than `shutdown_timeout`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: &HttpConfig,
    clock: Arc<dyn Clock>,
    headers: &SecurityHeaders,
    stop: CancellationToken,
    shutdown_timeout: Duration,
) {
    let (places, warnings) = (Arc::new(Places::new(config)), WarningThrottle::new(WARNING_INTERVAL));
    let acceptor = Acceptor { listener, places, clock, warnings };
    let (connections, fixed_headers) = (TaskTracker::new(), headers.lines());
    while let Some(accepted) = stop.run_until_cancelled(acceptor.next()).await {
        let Some((place, tcp, peer)) = accepted else { continue };
        let stream = Stream::new(tcp, place.activity.clone(), fixed_headers.clone());
        let router = router.clone();
        connections.spawn(async move {
            connection::serve(stream, place.activity.clone(), router, peer).await;
            drop(place);
        });
    }
    let Acceptor { listener, places, .. } = acceptor;
    drop(listener);
    places.stop();
    connections.close();
    if timeout(shutdown_timeout, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "some requests did not finish in time");
        places.close();
        let _ = timeout(ACCEPT_BACKOFF, connections.wait()).await;
    }
}

#[derive(Debug)]
struct Acceptor {
    listener: TcpListener,
    places: Arc<Places>,
    clock: Arc<dyn Clock>,
    warnings: WarningThrottle,
}

impl Acceptor {
    /// The next connection once there is room for it; `None` for one that is refused.
    async fn next(&self) -> Option<(Place, TcpStream, SocketAddr)> {
        let (stream, peer) = loop {
            match self.listener.accept().await {
                Ok(accepted) => break accepted,
                Err(error) => recover(&error).await,
            }
        };
        // A page written in two pieces would wait 40 ms for a delayed ACK.
        let _ = stream.set_nodelay(true);
        Some((self.place(peer).await?, stream, peer))
    }

    /// A place, as soon as there is one; `None` if the address has too many. Further clients wait in the queue of
    /// the operating system.
    async fn place(&self, peer: SocketAddr) -> Option<Place> {
        loop {
            match self.places.enter(peer.ip()) {
                Ok(place) => return Some(place),
                Err(Full::Address) => {
                    self.warn("an address has more than http.max_connections_per_address: more are refused");
                    return None;
                }
                Err(Full::Everything) => {
                    self.warn("there are http.max_connections, and all are busy: more have to wait");
                    select! {
                        () = self.places.freed.notified() => {}
                        () = sleep(ROOM_INTERVAL) => {}
                    }
                }
            }
        }
    }

    /// Strangers decide how often there is reason to.
    fn warn(&self, text: &str) {
        if self.warnings.is_due(self.clock.now()) {
            tracing::warn!("{text}");
        }
    }
}

async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "a connection could not be accepted");
        sleep(ACCEPT_BACKOFF).await;
    }
}
