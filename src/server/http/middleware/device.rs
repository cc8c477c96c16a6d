//! Known devices: browsers that have signed in before.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::header;

use crate::server::http::state::HttpState;

/// Reads what the browser is known for, and sets the cookie when someone has signed in. Pages do not need it.
pub async fn read_known_devices(
    State(state): State<HttpState>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let devices = state.device_cookie.read(request.headers());
    request.extensions_mut().insert(devices.clone());
    let mut response = next.run(request).await;
    let cookie = state.device_cookie.set(&devices);
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    response
}
