//! News of the session, as it comes from the server and from the other tabs of this browser.
//!
//! One tab listens to the server for all: browsers open but six connections to a server over
//! HTTP/1.1, and each stream holds one. The tab that has the lock listens and passes on what it
//! hears; when it goes, the lock goes to the next.

use std::{rc::Rc, time::Duration};

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use crate::model::{SessionNews, SessionState};

const STREAM: &str = "/session/events";
/// Name of the channel between tabs, and of the lock.
const NAME: &str = "vestibule-session";
/// Pause before asking again when the server would not have us listen.
const PAUSE: Duration = Duration::from_secs(15);

/// Calls `tell` with all news of the session, for as long as the page lives.
pub fn listen(tell: impl Fn(SessionNews) + 'static) {
    let tab = Rc::new(Tab { tell: Box::new(tell), others: BroadcastChannel::new(NAME).ok() });
    if let Some(others) = &tab.others {
        let tab = Rc::clone(&tab);
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                tab.pass(&text);
            }
        });
        others.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    }
    with_lock(move || open(tab));
}

/// This tab among those of the browser.
struct Tab {
    tell: Box<dyn Fn(SessionNews)>,
    others: Option<BroadcastChannel>,
}

impl Tab {
    fn say(&self, text: &str) {
        if let Some(others) = &self.others {
            let _ = others.post_message(&JsValue::from_str(text));
        }
    }

    /// Hands on what a message says; `true` if it was the last.
    fn pass(&self, text: &str) -> bool {
        let Ok(news) = serde_json::from_str::<SessionNews>(text) else { return false };
        let ended = matches!(news.state, SessionState::Ended { .. });
        (self.tell)(news);
        ended
    }
}

/// Calls `begin` once this tab has the lock, which it keeps; at once where there are no locks.
fn with_lock(begin: impl FnOnce() + 'static) {
    let Some((locks, request)) = lock_manager() else { return begin() };
    let granted = Closure::once_into_js(move |_: JsValue| {
        begin();
        Promise::new(&mut |_, _| {}) // never kept, so that the lock is
    });
    // It is refused when the page goes, and then nobody is left to be told.
    let _ = request.call2(&locks, &JsValue::from_str(NAME), &granted);
}

/// `navigator.locks` and its `request`, which the bindings call unstable still. Only pages that came
/// by https, or from this machine, have them.
fn lock_manager() -> Option<(JsValue, Function)> {
    let navigator = window().navigator();
    let locks = Reflect::get(&navigator, &JsValue::from_str("locks")).ok()?;
    let request = Reflect::get(&locks, &JsValue::from_str("request")).ok()?;
    Some((locks, request.dyn_into().ok()?))
}

fn open(tab: Rc<Tab>) {
    let Ok(stream) = EventSource::new(STREAM) else { return };
    let heard = {
        let (stream, tab) = (stream.clone(), Rc::clone(&tab));
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(text) = event.data().as_string() else { return };
            tab.say(&text);
            if tab.pass(&text) {
                stream.close();
            }
        })
    };
    stream.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
    let failed = {
        let stream = stream.clone();
        Closure::<dyn Fn()>::new(move || {
            // While it is connecting the browser tries again by itself; once it is closed it was refused.
            if stream.ready_state() == EventSource::CLOSED {
                let tab = Rc::clone(&tab);
                set_timeout(move || open(tab), PAUSE);
            }
        })
    };
    stream.set_onerror(Some(failed.into_js_value().unchecked_ref()));
}
