//! What an open page does when its session ends, or is about to.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{ev::MouseEvent, prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement};

use crate::{
    api::Stay,
    browser::{
        drafts, forms,
        navigation::{self, Delivery},
        page,
        post::{self, PostError},
        session_events,
    },
    model::{EndReason, SessionEvent, SessionState, Viewer},
    words,
};

/// Time for an answer to arrive: the next page, or the cookie of the next session.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

/// Leaves for sign-in when the session has ended, and shortly before opens one of the dialogs that are its
/// children. The server relies on none of it.
#[island]
pub fn SessionEventListener(children: Children) -> impl IntoView {
    page::after_hydration(watch);
    view! { <div class="enhanced" on:click=click>{children()}</div> }
}

fn watch() {
    let delivery = navigation::take_delivery();
    page::on_return(|| spawn_local(look_again()));
    if page::session().is_none() {
        return;
    }
    forget_drafts_at_sign_out();
    request_animation_frame(drafts::restore);
    match delivery {
        Delivery::Network => {}
        Delivery::OutdatedPrefetch => return page::reload(),
        // The server has seen no visit yet, and this is one.
        Delivery::Prefetch => spawn_local(async {
            let _ = stay().await;
        }),
    }
    listen(react);
}

/// Judges again, since the session may have ended while nobody looked.
async fn look_again() {
    let event = match session_events::status().await {
        Ok(event) => event,
        // Whether it may be seen cannot be told here: the server will say.
        Err(_) if page::is_hidden() => return page::reload(),
        Err(_) => return,
    };
    let ended = matches!(event.state, SessionState::Ended { .. });
    if page::session().is_some() {
        // A page of another session stays hidden until it has been replaced.
        let stays = event.session == page::session();
        react(event);
        if stays {
            page::reveal();
        }
    } else if ended
        || !navigation::recheck_access(Viewer::SignedIn { admin: false, recently_authenticated: false })
    {
        page::reveal();
    }
}

/// Hands on all event of the session. What is heard while the page is being left must not send it
/// elsewhere: "Sign out" has been pressed, say. But a download begins in the same way, and nobody
/// leaves; so the last of it is handed on later.
fn listen(on_event: impl Fn(SessionEvent) + Clone + 'static) {
    let leaving = Rc::new(Cell::new(false));
    let held = Rc::new(Cell::new(None::<SessionEvent>));
    let (now, later, kept) = (on_event.clone(), on_event, Rc::clone(&held));
    let (is_leaving, is_back) = (Rc::clone(&leaving), Rc::clone(&leaving));
    window_event_listener_untyped("pageshow", move |_| is_back.set(false));
    window_event_listener_untyped("beforeunload", move |_| {
        leaving.set(true);
        let (leaving, held, later) = (Rc::clone(&leaving), Rc::clone(&held), later.clone());
        let stayed = move || {
            leaving.set(false);
            held.take().into_iter().for_each(&later);
        };
        set_timeout(stayed, ANSWER_TIMEOUT);
    });
    session_events::listen(move |event| if is_leaving.get() { kept.set(Some(event)) } else { now(event) });
}

/// Others may use the browser once somebody has signed out.
fn forget_drafts_at_sign_out() {
    window_event_listener_untyped("submit", |event| {
        let form = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if form.is_some_and(|form| form.class_list().contains("sign-out")) {
            drafts::discard();
        }
    });
}

fn react(event: SessionEvent) {
    let another = event.session.is_some() && event.session != page::session();
    match event.state {
        // The end of a session that this page does not have.
        SessionState::Ended { .. } if another => {}
        // Somebody has signed in anew in this browser, perhaps somebody else.
        _ if another => navigation::reload_keeping_draft(),
        // The cookie of the next session may still be on its way to the browser.
        SessionState::Ended { reason: Some(EndReason::Replaced) } => {
            set_timeout(|| spawn_local(look_again()), ANSWER_TIMEOUT);
        }
        SessionState::Ended { reason } => {
            // The sign-in page says why; what anyone may see is shown anew, without the account.
            if !navigation::recheck_access(Viewer::Anonymous) {
                navigation::reload_keeping_draft();
            }
            if reason == Some(EndReason::SignedOut) {
                drafts::discard();
            }
        }
        SessionState::Ending { seconds, extendable } => warn(seconds, extendable),
        SessionState::Live => {
            WARNED.set(None);
            close_dialogs();
        }
    }
    session_events::publish_times(event.times);
}

thread_local! {
    /// Seconds until the session ends.
    static SECONDS: Cell<u32> = const { Cell::new(0) };
    /// What was said last: whether activity would extend the session. `None` while it is not about to end.
    static WARNED: Cell<Option<bool>> = const { Cell::new(None) };
    static TICKING: Cell<bool> = const { Cell::new(false) };
}

/// Opens the dialog, unless it was closed since: that means to go on, and is not asked again.
fn warn(seconds: u32, extendable: bool) {
    SECONDS.set(seconds);
    if WARNED.replace(Some(extendable)) == Some(extendable) {
        return;
    }
    close_dialogs();
    tell_time();
    if let Some(dialog) = dialog(extendable) {
        forms::show_error(&dialog, None);
        // It fails only for a dialog that is open already.
        let _ = dialog.show_modal();
    }
    if !TICKING.replace(true) {
        set_timeout(tick, SECOND);
    }
}

/// Takes a second off every second, for as long as a dialog is open.
fn tick() {
    if open_dialog().is_none() {
        return TICKING.set(false);
    }
    SECONDS.set(SECONDS.get().saturating_sub(1));
    tell_time();
    set_timeout(tick, SECOND);
}

fn tell_time() {
    let time = words::remaining(SECONDS.get());
    forms::for_each(&document(), "[role=timer]", |timer| timer.set_text_content(Some(&time)));
}

fn dialog(extendable: bool) -> Option<HtmlDialogElement> {
    let id = if extendable { "session-ends" } else { "session-ends-for-good" };
    document().get_element_by_id(id)?.dyn_into().ok()
}

fn open_dialog() -> Option<HtmlDialogElement> {
    [true, false].into_iter().filter_map(dialog).find(HtmlDialogElement::open)
}

fn close_dialogs() {
    if let Some(dialog) = open_dialog() {
        dialog.close();
    }
}

/// "Stay signed in"
fn click(event: MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let button = target.and_then(|target| target.closest(".stay").ok().flatten());
    let (Some(button), Some(dialog)) = (button, dialog(true)) else { return };
    let _ = button.toggle_attribute_with_force("disabled", true);
    spawn_local(async move {
        let error = stay().await.err();
        forms::show_error(&dialog, error.map(PostError::message));
        let _ = button.toggle_attribute_with_force("disabled", false);
    });
}

/// Extends the session; the answer is event like any other.
///
/// # Errors
/// If it could not be; a refusal leads elsewhere already.
async fn stay() -> Result<(), PostError> {
    let body = post::empty().ok_or(PostError::UnexpectedResponse)?;
    match post::post(Stay::PATH, &body).await {
        Ok(event) => react(event),
        Err(PostError::App(error)) if navigation::redirect_on_error(error) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
