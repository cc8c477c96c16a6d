//! `/session/events`: server-sent events that tell open pages that their session has ended, or is about to.
//!
//! A stream is told of what the poller finds, and never moves the idle clock. Nothing relies on it: the session is
//! over with or without.

mod poller;
mod streams;

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Request, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use http::{HeaderName, HeaderValue, StatusCode, header};
use tokio::sync::watch;

use self::{
    poller::Notice,
    streams::{Listener, StreamPermit},
};
use super::{
    middleware::{ClientAddress, is_cross_site_read},
    responses::PRIVATE,
    state::HttpState,
};
use crate::{
    model::{SessionEvent, SessionState},
    server::{
        domain::{AccountId, error_chain, network_of},
        sessions::{LiveSession, Lookup, session_event},
    },
};

pub use self::streams::Streams;

pub const PATH: &str = "/session/events";
/// A comment keeps the connection alive when there was no event for this long.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(1);
/// Asks proxies not to buffer the response.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Answers with the status of the session that the cookie names, and with every change to it until it has
/// ended. Without a session, that is the only event. Pages of other sites are refused.
pub async fn stream(State(state): State<HttpState>, request: Request) -> Response {
    let headers = request.headers();
    // It would share no data with a page of another site, but such a page could use up the streams of its visitors.
    if is_cross_site_read(headers, &state.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let engine = &state.app.sessions;
    let id = state.session_cookie.id_from_cookie(headers);
    let lookup = match &id {
        Some(id) => engine.lookup(id).await,
        None => Ok(Lookup::Unknown),
    };
    let (first, account) = match lookup {
        Ok(lookup) => (session_event(engine, &lookup), account_of(&lookup)),
        Err(error) => {
            tracing::warn!(cause = %error_chain(&error), "a session could not be looked up");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let open = match (id, first.session.clone(), account) {
        (Some(id), Some(session), Some(account)) => match state.streams.enter([
            Listener::Session(session),
            Listener::Account(account),
            Listener::Address(network_of(ClientAddress::of(request.extensions()))),
        ]) {
            Ok(permit) => {
                let notices = state.streams.poller.subscribe(id, first.clone());
                Some(OpenStream { notices, last: first.clone(), _permit: permit })
            }
            Err(status) => return status.into_response(),
        },
        _ => None,
    };
    let stopping = state.streams.stopping.clone();
    let events = stream::unfold((Some(first), open), move |(next, open)| {
        let stopping = stopping.clone();
        async move {
            if let Some(event) = next {
                return Some((encode(&event), (None, open)));
            }
            let (event, open) = stopping.run_until_cancelled(open?.next()).await.flatten()?;
            Some((encode(&event), (None, open)))
        }
    });
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = sse.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
    response.headers_mut().insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

fn account_of(lookup: &Lookup) -> Option<AccountId> {
    let Lookup::Live(LiveSession { session, .. }) = lookup else { return None };
    session.account.clone()
}

/// An open stream.
#[derive(Debug)]
struct OpenStream {
    notices: watch::Receiver<Notice>,
    last: SessionEvent,
    _permit: StreamPermit,
}

impl OpenStream {
    /// Waits for the next event; after the last there is no stream left.
    async fn next(mut self) -> Option<(SessionEvent, Option<Self>)> {
        loop {
            let notice = self.notices.borrow_and_update().clone();
            let Notice::Event(event) = notice else { return None }; // it connects again, with its new cookie
            if let SessionState::Ended { .. } = event.state {
                return Some((
                    SessionEvent { session: self.last.session, ..SessionEvent::clone(&event) },
                    None,
                ));
            }
            if !event.state.is_like(self.last.state) {
                self.last = SessionEvent::clone(&event);
                return Some((self.last.clone(), Some(self)));
            }
            self.notices.changed().await.ok()?;
        }
    }
}

fn encode(event: &SessionEvent) -> Result<Event, Infallible> {
    let data = serde_json::to_string(event).unwrap_or_default();
    Ok(Event::default().retry(RETRY).data(data))
}
