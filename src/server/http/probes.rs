//! Health checks for service managers and load balancers.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

use super::{responses::PRIVATE, state::HttpState};

/// Liveness: the process answers.
pub async fn healthz() -> Response {
    ok()
}

/// Readiness: the stores answer. A load balancer sends no requests here while they do not.
pub async fn readyz(State(state): State<HttpState>) -> Response {
    let database = state.app.db.ping().await.is_ok();
    let sessions = state.app.sessions.ping().await.is_ok();
    if database && sessions { ok() } else { StatusCode::SERVICE_UNAVAILABLE.into_response() }
}

/// No cache answers for this process.
fn ok() -> Response {
    ([(header::CACHE_CONTROL, PRIVATE)], "ok\n").into_response()
}
