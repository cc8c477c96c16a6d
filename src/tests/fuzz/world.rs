//! The application that an input is sent to, in process.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use url::Url;
use vestibule::server::{
    config::Config,
    http::{middleware::Peer, router},
};

use crate::support::TestApp;

/// Responses are no longer than this, in bytes.
const MAX_RESPONSE: usize = 1024 * 1024;

pub struct World {
    pub app: TestApp,
    pub runtime: Runtime,
    router: Router,
}

impl World {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app = runtime.block_on(TestApp::start_with(change));
        let router = router::router(&app.state);
        Self { app, runtime, router }
    }

    /// Sends a request; returns the status. It must be no 5xx, and must not lead away from the site.
    pub fn send(&self, request: Request) -> StatusCode {
        self.runtime.block_on(self.answer(request))
    }

    pub async fn answer(&self, mut request: Request) -> StatusCode {
        let public_url = Url::parse(&self.app.config.public_url.origin()).expect("a URL");
        let asked = format!("{} {}", request.method(), request.uri());
        request.extensions_mut().insert(Peer(SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000))));
        // Without one, it would not come further than there.
        request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_static("localhost"));
        let response = self.router.clone().oneshot(request).await.expect("a response");
        let (status, headers) = (response.status(), response.headers().clone());
        assert!(!status.is_server_error(), "{asked}: {status}");
        assert_stays(&public_url, &headers);
        let is_stream = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        if !is_stream {
            to_bytes(Body::new(response.into_body()), MAX_RESPONSE).await.expect("a whole response");
        }
        status
    }
}

fn assert_stays(public_url: &Url, headers: &HeaderMap) {
    for location in headers.get_all(header::LOCATION) {
        let location = location.to_str().expect("ASCII");
        let url = public_url.join(location).expect("a URL");
        assert_eq!(url.origin(), public_url.origin(), "{location:?} leads away");
    }
}
