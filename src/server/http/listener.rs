//! The accept loop. `axum::serve` sets no timer, so one slow client after another could hold
//! connections for ever; it has no cap on them, and leaves Nagle's algorithm on.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::middleware::Peer;
use crate::server::config::HttpConfig;

/// Maximum length of the head of a request, in bytes; more is 431.
const MAX_HEAD: usize = 32 * 1024;
/// Maximum size of the read buffer of a connection, in bytes.
const MAX_BUFFER: usize = 64 * 1024;
/// Pause after an accept that failed for lack of file descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

/// Serves until `stop`, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, config: &HttpConfig, stop: CancellationToken) {
    let free = Arc::new(Semaphore::new(config.max_connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_BUFFER);

    while let Some((permit, stream, peer)) = next(&listener, &free, &stop).await {
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(Peer(peer));
            let response = router.clone().oneshot(request);
            async { Ok::<_, Infallible>(response.await.unwrap_or_else(|never| match never {})) }
        });
        // A client that does not read the response must not hold its connection for ever either.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(config.request_timeout));
        let connection = graceful.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            // Clients that hang up or do not speak HTTP are no fault of the server.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(permit);
        });
    }

    drop(listener);
    if timeout(config.shutdown_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

type Accepted = (OwnedSemaphorePermit, TcpStream, SocketAddr);

/// The next connection once there is room for it; `None` when it is time to stop.
async fn next(listener: &TcpListener, free: &Arc<Semaphore>, stop: &CancellationToken) -> Option<Accepted> {
    let accept = async {
        let permit = Arc::clone(free).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // A page written in two pieces would wait 40 ms for a delayed ACK.
                    let _ = stream.set_nodelay(true);
                    return Some((permit, stream, peer));
                }
                Err(error) => recover(&error).await,
            }
        }
    };
    stop.run_until_cancelled(accept).await.flatten()
}

async fn recover(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "a connection could not be accepted");
        sleep(ACCEPT_BACKOFF).await;
    }
}
