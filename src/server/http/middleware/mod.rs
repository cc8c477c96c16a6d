//! The whole stack in one ordered list.

mod access;
mod client_address;
mod csrf;
mod device;
mod error_pages;
mod host;
mod proxies;
mod public_address;
mod request_id;
mod request_kind;
mod request_limit;
mod request_log;
mod security_headers;
mod session;

use axum::{Router, http::StatusCode, middleware};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer, request_id::PropagateRequestIdLayer,
    request_id::SetRequestIdLayer, timeout::TimeoutLayer, trace::TraceLayer,
};

pub use client_address::{ClientAddress, Peer, finder as client_address_finder};
pub use csrf::is_cross_site_read;
pub use request_id::RequestIds;
pub use request_kind::{Background, NativeForm};
pub use security_headers::SecurityHeaders;
pub use session::{Sessions, attach};

use super::state::HttpState;

/// Maximum length of the body of a request, in bytes: the forms here hold a few lines of text.
const MAX_BODY: usize = 64 * 1024;

/// Wraps the routes; the first layer listed is the first to see a request and the last to see its
/// response. What only changes a request or a response is a map, which costs less than a function that
/// calls the next service.
///
/// `app` holds pages and server functions, which have sessions and access; `open` holds what must
/// answer without opening a session: files, probes, and the stream of what happens to a session.
pub fn stack(state: &HttpState, app: Router, open: Router) -> Router {
    let sessions = Sessions { engine: state.app.sessions.clone(), cookie: state.session_cookie.clone() };
    let inner = ServiceBuilder::new()
        .map_request(request_kind::mark)
        .layer(middleware::from_fn_with_state(state.clone(), device::read_known_devices))
        .layer(middleware::from_fn_with_state(sessions, attach))
        .layer(middleware::from_fn_with_state(state.clone(), access::enforce));

    let outer = ServiceBuilder::new()
        .map_request(request_id::drop_foreign)
        .layer(SetRequestIdLayer::new(request_id::HEADER, RequestIds::new(state.app.entropy.clone())))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(request_log::span)
                .on_request(())
                .on_response(request_log::response)
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        // Outside of all that can refuse, so that refusals carry them too.
        .map_response(SecurityHeaders::new(state).setter())
        .layer(middleware::from_fn_with_state(state.clone(), error_pages::render))
        .layer(CatchPanicLayer::custom(request_log::panicked))
        // Stores and hashing have bounds of their own, so what takes this long is the client.
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            state.app.config.http.request_timeout,
        ))
        .layer(middleware::from_fn(host::refuse_unclear))
        .map_request(client_address::finder(state.clone()))
        .map_request(proxies::observer(state.clone()))
        .map_request(public_address::observer(state.clone()))
        // Before all that refuses, so that refusals are counted too.
        .layer(middleware::from_fn_with_state(state.clone(), request_limit::enforce))
        .layer(middleware::from_fn_with_state(state.clone(), csrf::refuse_cross_site))
        .layer(RequestBodyLimitLayer::new(MAX_BODY));

    app.layer(inner).merge(open).layer(outer)
}
