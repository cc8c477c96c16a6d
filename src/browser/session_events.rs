//! Session events from the server and from other tabs of this browser.
//!
//! Over HTTP/1.1 a browser opens at most six connections to a server, and each event stream uses one. So
//! only three tabs, each holding a lock, open a stream; the others poll the session status once a second
//! while they are visible. No tab depends on another, which may be frozen, but each broadcasts its events, so
//! that tabs in the background receive them at once.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, server_fn::ServerFn};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use super::{
    JsJson,
    clock::sleep,
    page,
    post::{self, PostError},
};
use crate::{
    api::SessionStatus,
    model::{AppError, EndReason, FromJson, SessionEvent, SessionState, SessionTimes},
};

const STREAM: &str = "/session/events";
/// Name of the broadcast channel between tabs.
const CHANNEL: &str = "vestibule-session";
/// Names of the locks, one per event stream: half of the connections.
const STREAM_LOCKS: [&str; 3] = ["vestibule-session-1", "vestibule-session-2", "vestibule-session-3"];
/// Interval between two requests of a tab without a stream.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The same while there are too many requests from this address.
const THROTTLED_POLL_INTERVAL: Duration = Duration::from_secs(15);
/// Number of polls before such a tab tries again to get a lock or a stream.
const POLLS_PER_RETRY: u32 = 10;
/// Time to wait for the cookie of the next session when a session is rotated.
const ROTATION_DELAY: Duration = Duration::from_millis(300);

/// Calls `on_event` with every session event, as long as the page exists.
pub fn listen(on_event: impl Fn(SessionEvent) + 'static) {
    let tab = Rc::new(Tab { on_event: Box::new(on_event), channel: BroadcastChannel::new(CHANNEL).ok() });
    if let Some(channel) = &tab.channel {
        let tab = Rc::clone(&tab);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            tab.handle(event.data().as_string().as_deref());
        });
        channel.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
    }
    spawn_local(async move {
        while !acquire_stream_lock().await {
            poll(&tab).await;
        }
        // The lock is held until the page is unloaded.
        while stream(&tab).await == StreamEnd::Refused {
            poll(&tab).await;
        }
    });
}

type Listener = Box<dyn Fn(&SessionTimes)>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
}

/// Calls `listener` whenever newer times of the session are received.
pub fn on_times(listener: impl Fn(&SessionTimes) + 'static) {
    LISTENERS.with_borrow_mut(|listeners| listeners.push(Box::new(listener)));
}

/// Passes newer times to the listeners of [`on_times`].
pub fn publish_times(times: Option<SessionTimes>) {
    if let Some(times) = times {
        LISTENERS.with_borrow(|listeners| listeners.iter().for_each(|listener| listener(&times)));
    }
}

/// Requests the status of the session. It does not count as activity.
///
/// # Errors
/// As [`post::post`].
pub async fn status() -> Result<SessionEvent, PostError> {
    SessionEvent::from_json(&status_as_json().await?).ok_or(PostError::UnexpectedResponse)
}

async fn status_as_json() -> Result<JsJson, PostError> {
    let body = post::empty().ok_or(PostError::UnexpectedResponse)?;
    let request = || post::post_for_json(SessionStatus::PATH, &body);
    let json = request().await?;
    let state = SessionEvent::from_json(&json).map(|event| event.state);
    let rotations = [EndReason::PasswordChanged, EndReason::Replaced];
    if let Some(SessionState::Ended { reason: Some(reason) }) = state
        && rotations.contains(&reason)
    {
        // If this browser did it, the cookie of its next session is about to arrive.
        sleep(ROTATION_DELAY).await;
        return request().await;
    }
    Ok(json)
}

struct Tab {
    on_event: Box<dyn Fn(SessionEvent)>,
    channel: Option<BroadcastChannel>,
}

impl Tab {
    /// Handles a session event as JSON; `true` if the session has ended.
    fn handle(&self, text: Option<&str>) -> bool {
        let event = text.and_then(JsJson::parse).and_then(|json| SessionEvent::from_json(&json));
        let Some(event) = event else { return false };
        let ended = matches!(event.state, SessionState::Ended { .. });
        (self.on_event)(event);
        ended
    }

    fn broadcast(&self, text: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(text));
        }
    }
}

#[derive(PartialEq, Eq)]
enum StreamEnd {
    SessionEnded,
    Refused,
}

/// Opens an event stream and handles its events until the session ends or the server refuses the stream.
async fn stream(tab: &Rc<Tab>) -> StreamEnd {
    let Ok(stream) = EventSource::new(STREAM) else { return StreamEnd::Refused };
    let ended = Promise::new(&mut |resolve, _| {
        let on_message = {
            let (stream, tab, resolve) = (stream.clone(), Rc::clone(tab), resolve.clone());
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(text) = event.data().as_string() else { return };
                tab.broadcast(&text);
                if tab.handle(Some(&text)) {
                    stream.close();
                    let _ = resolve.call1(&JsValue::NULL, &JsValue::TRUE);
                }
            })
        };
        stream.set_onmessage(Some(on_message.into_js_value().unchecked_ref()));
        let on_error = {
            let stream = stream.clone();
            Closure::<dyn Fn()>::new(move || {
                // The browser reconnects by itself, unless the server has refused the stream.
                if stream.ready_state() == EventSource::CLOSED {
                    let _ = resolve.call1(&JsValue::NULL, &JsValue::FALSE);
                }
            })
        };
        stream.set_onerror(Some(on_error.into_js_value().unchecked_ref()));
    });
    match JsFuture::from(ended).await.ok().and_then(|ended| ended.as_bool()) {
        Some(true) => StreamEnd::SessionEnded,
        _ => StreamEnd::Refused,
    }
}

/// Requests the session status at intervals, while the page is visible.
async fn poll(tab: &Tab) {
    for _ in 0..POLLS_PER_RETRY {
        let mut pause = POLL_INTERVAL;
        if page::is_visible() {
            match status_as_json().await {
                Ok(json) => {
                    let text = json.to_text();
                    if tab.handle(Some(&text)) {
                        tab.broadcast(&text);
                    }
                }
                // Many people may share the address: leave its requests to them.
                Err(PostError::App(AppError::TooMany { .. })) => pause = THROTTLED_POLL_INTERVAL,
                Err(_) => {}
            }
        }
        sleep(pause).await;
    }
}

/// Acquires one of the locks and holds it until the page is unloaded. `false` if all are held, or the browser
/// has no Web Locks, which need a secure context (HTTPS or localhost).
async fn acquire_stream_lock() -> bool {
    for name in STREAM_LOCKS {
        if try_lock(name).await == Some(true) {
            return true;
        }
    }
    false
}

/// Acquires a lock if it is free. Written with `Reflect`, since `navigator.locks` is still unstable in
/// web-sys.
async fn try_lock(name: &str) -> Option<bool> {
    let navigator = window().navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?;
    let request: Function = Reflect::get(&locks, &JsValue::from_str("request")).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("ifAvailable"), &JsValue::TRUE).ok()?;
    let result = Promise::new(&mut |resolve, _| {
        let resolve_acquired = resolve.clone();
        let on_lock = Closure::once_into_js(move |lock: JsValue| {
            let acquired = !lock.is_null() && !lock.is_undefined();
            let _ = resolve_acquired.call1(&JsValue::NULL, &JsValue::from_bool(acquired));
            // The lock is held while this promise is pending.
            if acquired { Promise::new(&mut |_, _| {}) } else { Promise::resolve(&JsValue::NULL) }
        });
        // A rejected request resolves to a value other than `true`.
        let requested = request.call3(&locks, &JsValue::from_str(name), &options, &on_lock);
        let caught = requested.and_then(|requested| {
            let catch: Function = Reflect::get(&requested, &JsValue::from_str("catch"))?.dyn_into()?;
            catch.call1(&requested, &resolve)
        });
        if caught.is_err() {
            let _ = resolve.call1(&JsValue::NULL, &JsValue::FALSE);
        }
    });
    JsFuture::from(result).await.ok()?.as_bool()
}
