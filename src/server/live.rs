//! `/session/events`: tells open pages that their session ended, or is about to.
//!
//! Each stream looks at its session once a second. That costs one read, needs no word from whoever
//! ended it (another process may have), and never moves the idle clock. Nothing relies on it: the
//! session is as dead without.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    display_time::display_time,
    error::chain,
    request::Caller,
    respond::PRIVATE,
    sessions::{Engine, IdHash, Lookup, StoredSession},
    state::AppState,
};
use crate::model::{EndReason, SessionNews, SessionState, SessionTimes};

/// Time between two looks at a session.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Time between a change of the password and the next id of the session that changed it.
const ROTATION_GRACE: Duration = Duration::from_millis(300);
/// Time without news after which a comment shows that the stream still stands.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After this long a browser asks again when a stream broke off.
const RETRY: Duration = Duration::from_secs(1);
/// Streams that one session may have open: a browser opens up to three, for all its tabs.
const PER_SESSION: usize = 6;
/// Proxies that collect an answer before they pass it on are asked not to.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// The streams that are open, counted.
#[derive(Debug)]
pub struct Streams {
    free: Arc<Semaphore>,
    by_session: Mutex<HashMap<String, usize>>,
    /// All of them end when this is cancelled.
    stopping: CancellationToken,
}

impl Streams {
    pub fn new(most: usize, stopping: CancellationToken) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), by_session: Mutex::default(), stopping }
    }

    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// A place for one more stream of a session.
    fn enter(self: &Arc<Self>, session: String) -> Result<Place, StatusCode> {
        let permit =
            Arc::clone(&self.free).try_acquire_owned().map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        let mut counts = self.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(session.clone()).or_default();
        if *count >= PER_SESSION {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        }
        *count += 1;
        Ok(Place { streams: Arc::clone(self), session, _permit: permit })
    }
}

/// Held for as long as a stream is open.
#[derive(Debug)]
struct Place {
    streams: Arc<Streams>,
    session: String,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.streams.by_session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.session);
            }
        }
    }
}

/// Answers with the state of the session that the cookie names, and with every change to it until
/// it has ended. Whoever has no session hears just that.
pub async fn events(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let id = state.sessions.recognise(&headers);
    let lookup = match &id {
        Some(id) => state.sessions.look(id).await,
        None => Ok(Lookup::Unknown),
    };
    let first = match lookup {
        Ok(lookup) => news(&state.sessions, &lookup),
        Err(error) => {
            tracing::warn!(cause = %chain(&error), "a session could not be looked at");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let watch = match (id, first.session.clone()) {
        (Some(id), Some(session)) => match state.live.enter(session) {
            Ok(place) => Some(Watch { engine: state.sessions, id, last: first.clone(), _place: place }),
            Err(status) => return status.into_response(),
        },
        _ => None,
    };
    let stopping = state.live.stopping.clone();
    let messages = stream::unfold((Some(first), watch), move |(next, watch)| {
        let stopping = stopping.clone();
        async move {
            if let Some(news) = next {
                return Some((message(&news), (None, watch)));
            }
            let (news, watch) = stopping.run_until_cancelled(watch?.next()).await.flatten()?;
            Some((message(&news), (None, watch)))
        }
    });
    let sse = Sse::new(messages).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = sse.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
    response.headers_mut().insert(UNBUFFERED.0, UNBUFFERED.1);
    response
}

/// A stream at work.
#[derive(Debug)]
struct Watch {
    engine: Arc<Engine>,
    id: IdHash,
    /// What was told last.
    last: SessionNews,
    _place: Place,
}

impl Watch {
    /// Waits for news; the last comes without a watch to go on with.
    async fn next(mut self) -> Option<(SessionNews, Option<Self>)> {
        loop {
            sleep(POLL_INTERVAL).await;
            // A store that does not answer is no news.
            let Ok(mut lookup) = self.engine.look(&self.id).await else { continue };
            if lookup == Lookup::Ended(EndReason::PasswordChanged) {
                // Whoever has changed it is about to get the next id.
                sleep(ROTATION_GRACE).await;
                let Ok(later) = self.engine.look(&self.id).await else { continue };
                lookup = later;
            }
            if lookup == Lookup::Ended(EndReason::Replaced) {
                // The browser has another cookie by now; it asks again, and hears of that session.
                return None;
            }
            let news = news(&self.engine, &lookup);
            if let SessionState::Ended { .. } = news.state {
                return Some((SessionNews { session: self.last.session, ..news }, None));
            }
            if !news.state.is_like(self.last.state) {
                self.last = news.clone();
                return Some((news, Some(self)));
            }
        }
    }
}

/// How the session of a request is.
pub fn news_of(caller: &Caller) -> SessionNews {
    match caller.session.stored() {
        Some(session) if caller.account.is_some() => live(&caller.state.sessions, &session),
        _ => ended(caller.session.ended()),
    }
}

/// The times of a session as pages show them.
pub fn times(engine: &Engine, session: &StoredSession) -> SessionTimes {
    SessionTimes {
        now: engine.now().millis(),
        started: display_time(session.created_at),
        last_active: display_time(session.seen_at),
        ends: display_time(session.expires_at),
        extendable: session.is_extendable(),
    }
}

fn news(engine: &Engine, lookup: &Lookup) -> SessionNews {
    match lookup {
        Lookup::Unknown => ended(None),
        Lookup::Ended(reason) => ended(Some(*reason)),
        Lookup::Live(found) if found.session.account.is_none() => ended(None),
        Lookup::Live(found) => live(engine, &found.session),
    }
}

fn ended(reason: Option<EndReason>) -> SessionNews {
    SessionNews { session: None, state: SessionState::Ended { reason }, times: None }
}

fn live(engine: &Engine, session: &StoredSession) -> SessionNews {
    let left = session.expires_at.since(engine.now());
    let state = if left <= engine.warning() {
        let seconds = u32::try_from(left.as_secs()).unwrap_or(u32::MAX);
        SessionState::Ending { seconds, extendable: session.is_extendable() }
    } else {
        SessionState::Live
    };
    SessionNews { session: Some(session.handle.to_string()), state, times: Some(times(engine, session)) }
}

fn message(news: &SessionNews) -> Result<Event, Infallible> {
    let data = serde_json::to_string(news).unwrap_or_default();
    Ok(Event::default().retry(RETRY).data(data))
}
