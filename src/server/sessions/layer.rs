//! The middleware that gives every request its session.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use http::{StatusCode, header::SET_COOKIE};

use super::{CurrentSession, Engine};
use crate::server::{error::chain, request::Client};

/// In the extensions of a request that no person has made: it does not move the idle clock, and takes
/// no message that is meant for a person.
#[derive(Clone, Copy, Debug)]
pub struct Background;

/// Opens the session before the request is handled, and writes it before the response leaves: its
/// head carries the cookie, so nothing can be changed while the body streams.
pub async fn attach(State(engine): State<Arc<Engine>>, mut request: Request, next: Next) -> Response {
    let client = Client::of(&request);
    let changes_something = !request.method().is_safe();
    let touch = request.extensions().get::<Background>().is_none();
    let session = CurrentSession::open(engine, request.headers(), client, touch).await;
    request.extensions_mut().insert(session.tower());
    request.extensions_mut().insert(session.clone());

    let mut response = next.run(request).await;

    if let Err(error) = session.finish(response.headers_mut()).await {
        tracing::warn!(cause = %chain(&error), "a session could not be written");
        // Nobody may believe that a change was kept which was not.
        if changes_something {
            let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().cloned().collect();
            response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.headers_mut().extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
        }
    }
    response
}
