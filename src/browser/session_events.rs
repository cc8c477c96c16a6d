//! Session events, as they come from the server and from the other tabs of this browser.
//!
//! A browser opens six connections to a server over HTTP/1.1, and each event stream holds one. So there
//! are three places, as locks that tabs hold; a tab without one asks for the status of its session once
//! a second while it is looked at. No tab relies on another, which may be frozen or hang in a dialog; yet
//! each tells the others of an end, so that those in the background know at once.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, server_fn::ServerFn};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use super::{
    JsJson, page,
    post::{self, Fault},
};
use crate::{
    api::SessionStatus,
    model::{EndReason, FromJson, SessionEvent, SessionState, SessionTimes},
};

const STREAM: &str = "/session/events";
/// Name of the channel between tabs; the places are named after it.
const CHANNEL: &str = "vestibule-session";
/// Event streams of a browser: half of its connections.
const PLACES: [&str; 3] = ["vestibule-session-1", "vestibule-session-2", "vestibule-session-3"];
/// Time between two questions of a tab without a stream.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Questions after which such a tab tries again to get a place, or a stream.
const POLLS_PER_TRY: u32 = 10;
/// Time between the end of an id and the next cookie, in a browser whose session moves to a new one.
const NEXT_COOKIE: Duration = Duration::from_millis(300);

/// Calls `on_event` with all event of the session, for as long as the page lives.
pub fn listen(on_event: impl Fn(SessionEvent) + 'static) {
    let tab = Rc::new(Tab { on_event: Box::new(on_event), others: BroadcastChannel::new(CHANNEL).ok() });
    if let Some(others) = &tab.others {
        let tab = Rc::clone(&tab);
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            tab.pass_on(event.data().as_string().as_deref());
        });
        others.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    }
    spawn_local(async move {
        while !take_place().await {
            poll(&tab).await;
        }
        // The place is kept until the page goes.
        while stream(&tab).await == StreamEnd::Refused {
            poll(&tab).await;
        }
    });
}

type Listener = Box<dyn Fn(&SessionTimes)>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
}

/// Calls `learn` whenever newer times of the session become known.
pub fn on_times(learn: impl Fn(&SessionTimes) + 'static) {
    LISTENERS.with_borrow_mut(|listeners| listeners.push(Box::new(learn)));
}

/// Lets the islands of this page know newer times.
pub fn learn_times(times: Option<SessionTimes>) {
    if let Some(times) = times {
        LISTENERS.with_borrow(|listeners| listeners.iter().for_each(|learn| learn(&times)));
    }
}

/// The status of the session now. Asking for it does not count as activity.
///
/// # Errors
/// As [`post::post`].
pub async fn status() -> Result<SessionEvent, Fault> {
    SessionEvent::from_json(&status_as_json().await?).ok_or(Fault::UnknownAnswer)
}

async fn status_as_json() -> Result<JsJson, Fault> {
    let body = post::empty().ok_or(Fault::UnknownAnswer)?;
    let ask = || post::post_for_json(SessionStatus::PATH, &body);
    let json = ask().await?;
    let state = SessionEvent::from_json(&json).map(|event| event.state);
    let changing = [EndReason::PasswordChanged, EndReason::Replaced];
    if let Some(SessionState::Ended { reason: Some(reason) }) = state
        && changing.contains(&reason)
    {
        // By this browser, perhaps: then its next cookie is about to arrive.
        sleep(NEXT_COOKIE).await;
        return ask().await;
    }
    Ok(json)
}

/// This tab among those of the browser.
struct Tab {
    on_event: Box<dyn Fn(SessionEvent)>,
    others: Option<BroadcastChannel>,
}

impl Tab {
    /// Hears what a message says; `true` if the session has ended.
    fn pass_on(&self, text: Option<&str>) -> bool {
        let event = text.and_then(JsJson::parse).and_then(|json| SessionEvent::from_json(&json));
        let Some(event) = event else { return false };
        let ended = matches!(event.state, SessionState::Ended { .. });
        (self.on_event)(event);
        ended
    }

    fn tell_others(&self, text: &str) {
        if let Some(others) = &self.others {
            let _ = others.post_message(&JsValue::from_str(text));
        }
    }
}

#[derive(PartialEq, Eq)]
enum StreamEnd {
    SessionEnded,
    Refused,
}

/// Listens to the server until the session has ended, or the server refuses to be listened to.
async fn stream(tab: &Rc<Tab>) -> StreamEnd {
    let Ok(stream) = EventSource::new(STREAM) else { return StreamEnd::Refused };
    let ended = Promise::new(&mut |resolve, _| {
        let heard = {
            let (stream, tab, resolve) = (stream.clone(), Rc::clone(tab), resolve.clone());
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                let Some(text) = event.data().as_string() else { return };
                tab.tell_others(&text);
                if tab.pass_on(Some(&text)) {
                    stream.close();
                    let _ = resolve.call1(&JsValue::NULL, &JsValue::TRUE);
                }
            })
        };
        stream.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
        let failed = {
            let stream = stream.clone();
            Closure::<dyn Fn()>::new(move || {
                // While it is connecting, the browser tries again by itself; once it is closed, the server
                // has refused.
                if stream.ready_state() == EventSource::CLOSED {
                    let _ = resolve.call1(&JsValue::NULL, &JsValue::FALSE);
                }
            })
        };
        stream.set_onerror(Some(failed.into_js_value().unchecked_ref()));
    });
    match JsFuture::from(ended).await.ok().and_then(|ended| ended.as_bool()) {
        Some(true) => StreamEnd::SessionEnded,
        _ => StreamEnd::Refused,
    }
}

/// Asks for the status of the session now and then, while the page is looked at.
async fn poll(tab: &Tab) {
    for _ in 0..POLLS_PER_TRY {
        if page::is_visible()
            && let Ok(json) = status_as_json().await
        {
            let text = json.to_text();
            if tab.pass_on(Some(&text)) {
                tab.tell_others(&text);
            }
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Takes one of the places, and keeps it until the page goes. `false` if all are taken, or there are no
/// locks: only pages that came by https, or from this machine, have them.
async fn take_place() -> bool {
    for name in PLACES {
        if lock(name).await == Some(true) {
            return true;
        }
    }
    false
}

/// Takes a lock if it is free. The bindings call `navigator.locks` unstable still.
async fn lock(name: &str) -> Option<bool> {
    let navigator = window().navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?;
    let request: Function = Reflect::get(&locks, &JsValue::from_str("request")).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &JsValue::from_str("ifAvailable"), &JsValue::TRUE).ok()?;
    let answer = Promise::new(&mut |resolve, _| {
        let answer = resolve.clone();
        let answered = Closure::once_into_js(move |lock: JsValue| {
            let taken = !lock.is_null() && !lock.is_undefined();
            let _ = answer.call1(&JsValue::NULL, &JsValue::from_bool(taken));
            // A promise that is never kept keeps the lock.
            if taken { Promise::new(&mut |_, _| {}) } else { Promise::resolve(&JsValue::NULL) }
        });
        // A refusal is an answer too, though not a yes.
        let asked = request.call3(&locks, &JsValue::from_str(name), &options, &answered);
        let caught = asked.and_then(|asked| {
            let catch: Function = Reflect::get(&asked, &JsValue::from_str("catch"))?.dyn_into()?;
            catch.call1(&asked, &resolve)
        });
        if caught.is_err() {
            let _ = resolve.call1(&JsValue::NULL, &JsValue::FALSE);
        }
    });
    JsFuture::from(answer).await.ok()?.as_bool()
}

async fn sleep(pause: Duration) {
    let over = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::NULL)), pause);
    });
    let _ = JsFuture::from(over).await;
}
