//! One connection, from the first request to the last.

use std::{convert::Infallible, future::poll_fn, net::SocketAddr, pin::pin, sync::Arc, task::Poll};

use axum::{Router, extract::Request};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{HttpService, service_fn},
};
use hyper_util::rt::TokioIo;
use tokio::time::sleep_until;
use tower::ServiceExt;

use super::{
    activity::{Activity, NextStep},
    bodies::{RequestBody, ResponseBody},
    stream::Stream,
};
use crate::server::http::middleware::Peer;

/// Maximum length of the head of a request, in bytes; more is 431.
const MAX_HEAD: usize = 32 * 1024;
/// Maximum size of the buffers of a connection, in bytes: slow clients can fill them.
const MAX_BUFFER: usize = 40 * 1024;

/// Serves a connection until either side closes it, or its time is up.
pub async fn serve(stream: Stream, activity: Arc<Activity>, router: Router, peer: SocketAddr) {
    let mut http = http1::Builder::new();
    // The timeouts of `Activity` tell an idle connection from a slow head, which the one of hyper does not.
    http.header_read_timeout(None).max_header_size(MAX_HEAD).max_buf_size(MAX_BUFFER);
    let service = {
        let activity = activity.clone();
        service_fn(move |request: hyper::Request<Incoming>| {
            activity.requested();
            let of_request = activity.clone();
            let body = |body| axum::body::Body::new(RequestBody { body, activity: of_request });
            let mut request: Request = request.map(body);
            request.extensions_mut().insert(Peer(peer));
            let (response, activity) = (router.clone().oneshot(request), activity.clone());
            async move {
                let response = response.await.unwrap_or_else(|never| match never {});
                Ok::<_, Infallible>(response.map(|body| ResponseBody { body, activity }))
            }
        })
    };
    run(http.serve_connection(TokioIo::new(stream), service), &activity).await;
}

/// Drives the connection, and judges after every step whether it goes on.
async fn run<S>(connection: http1::Connection<TokioIo<Stream>, S>, activity: &Activity)
where
    S: HttpService<Incoming, ResBody = ResponseBody>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut connection, mut alarm) = (pin!(connection), pin!(sleep_until(tokio::time::Instant::now())));
    let until_closed = poll_fn(|cx| {
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                return Poll::Ready(ended);
            }
            match activity.judge(cx.waker()) {
                NextStep::Close => return Poll::Ready(Ok(())),
                NextStep::Finish => connection.as_mut().graceful_shutdown(),
                NextStep::Wait(None) => return Poll::Pending,
                NextStep::Wait(Some(deadline)) => {
                    // An alarm that goes off too early is set again, which is rarer than a request.
                    if deadline < alarm.deadline() || alarm.is_elapsed() {
                        alarm.as_mut().reset(deadline);
                    }
                    if alarm.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
        }
    });
    // Clients that hang up or do not speak HTTP are no fault of the server.
    if let Err(error) = until_closed.await {
        tracing::debug!(%error, "connection ended");
    }
}
