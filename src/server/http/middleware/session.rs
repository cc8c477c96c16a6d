//! Gives every request its session.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{client_address::ClientAddress, request_kind::Background};
use crate::server::{
    domain::{Client, MAX_USER_AGENT_LENGTH, error_chain},
    sessions::{ClosedSession, CookieChange, Engine, RequestSession, SessionCookie},
};

/// What is needed to open the session of a request.
#[derive(Clone, Debug)]
pub struct Sessions {
    pub engine: Arc<Engine>,
    pub cookie: Arc<SessionCookie>,
}

/// Opens the session before the request is handled, and writes it before the response leaves: the head
/// carries the cookie, so nothing can be changed while the body is streamed.
pub async fn attach(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let client = client(&request);
    let changes_something = !request.method().is_safe();
    let touch = request.extensions().get::<Background>().is_none();
    let cookie = sessions.cookie.read(request.headers());
    let shadows = match &cookie {
        Some(_) => Vec::new(),
        None => sessions.cookie.remove_shadows(request.headers(), request.uri().path()),
    };
    let session = RequestSession::open(sessions.engine, cookie, client, touch).await;
    request.extensions_mut().insert(session.tower());
    request.extensions_mut().insert(session.clone());

    let mut response = next.run(request).await;

    let ClosedSession { cookie, written } = session.close().await;
    set_cookie(response.headers_mut(), &sessions.cookie, &cookie);
    response.headers_mut().extend(shadows.into_iter().map(|line| (header::SET_COOKIE, line)));
    if let Err(error) = written {
        tracing::warn!(cause = %error_chain(&error), "a session could not be written");
        // The response must not claim that a change was kept.
        if changes_something {
            let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
            response = StatusCode::SERVICE_UNAVAILABLE.into_response();
            response.headers_mut().extend(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
        }
    }
    response
}

fn set_cookie(headers: &mut HeaderMap, cookie: &SessionCookie, change: &CookieChange) {
    let line = match change {
        CookieChange::Keep => None,
        CookieChange::Set { id, max_age } => cookie.set(id, *max_age),
        CookieChange::Remove => cookie.remove(),
    };
    headers.extend(line.map(|line| (header::SET_COOKIE, line)));
}

fn client(request: &Request) -> Client {
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let user_agent = user_agent.map(|text| text.chars().take(MAX_USER_AGENT_LENGTH).collect());
    Client { address: ClientAddress::of(request.extensions()), user_agent: user_agent.unwrap_or_default() }
}
