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
    page::after_hydration(start);
    view! { <div class="enhanced" on:click=click>{children()}</div> }
}

fn start() {
    let delivery = navigation::take_delivery();
    page::on_return(|| spawn_local(check_status()));
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

/// Asks for the status of the session, which may have ended while the page was in the background.
async fn check_status() {
    let event = match session_events::status().await {
        Ok(event) => event,
        // It is unknown whether the page may be shown; the server decides.
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

/// Passes the session events on. Those that arrive while the page is being left must not redirect it: "Sign
/// out" may have been pressed. But the page may stay all the same, as when the server does not answer; so the last of
/// these events is passed on later. A link that is known to start a download says so: `data-download`.
fn listen(on_event: impl Fn(SessionEvent) + Clone + 'static) {
    let leaving = Rc::new(Cell::new(false));
    let delayed = Rc::new(Cell::new(None::<SessionEvent>));
    let (now, later, last) = (on_event.clone(), on_event, Rc::clone(&delayed));
    let (is_leaving, is_back) = (Rc::clone(&leaving), Rc::clone(&leaving));
    let downloading = Rc::new(Cell::new(false));
    let is_downloading = Rc::clone(&downloading);
    window_event_listener_untyped("click", move |event| {
        downloading.set(page::target_is_in(&event, "[data-download]"));
    });
    window_event_listener_untyped("pageshow", move |_| is_back.set(false));
    window_event_listener_untyped("beforeunload", move |_| {
        if is_downloading.get() {
            return;
        }
        leaving.set(true);
        let (leaving, delayed, later) = (Rc::clone(&leaving), Rc::clone(&delayed), later.clone());
        let stayed = move || {
            leaving.set(false);
            delayed.take().into_iter().for_each(&later);
        };
        set_timeout(stayed, ANSWER_TIMEOUT);
    });
    session_events::listen(move |event| if is_leaving.get() { last.set(Some(event)) } else { now(event) });
}

/// Another person may use the browser after a sign-out.
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
        // This browser has signed in again, perhaps with another account.
        _ if another => navigation::reload_keeping_draft(),
        // The cookie of the next session may still be on its way to the browser.
        SessionState::Ended { reason: Some(EndReason::Replaced) } => {
            set_timeout(|| spawn_local(check_status()), ANSWER_TIMEOUT);
        }
        SessionState::Ended { reason } => {
            // The sign-in page says why. A page for everyone is loaded again, without the account.
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
    /// Whether activity would extend the session, according to the last warning. `None` without a warning.
    static WARNED: Cell<Option<bool>> = const { Cell::new(None) };
    static TICKING: Cell<bool> = const { Cell::new(false) };
}

/// Opens the dialog, unless it was opened for this warning before: a person who closes it is not asked again.
fn warn(seconds: u32, extendable: bool) {
    SECONDS.set(seconds);
    if WARNED.replace(Some(extendable)) == Some(extendable) {
        return;
    }
    close_dialogs();
    show_remaining_time();
    if let Some(dialog) = dialog(extendable) {
        forms::show_error(&dialog, None);
        // It fails only for a dialog that is open already.
        let _ = dialog.show_modal();
    }
    if !TICKING.replace(true) {
        set_timeout(tick, SECOND);
    }
}

/// Counts down every second while a dialog is open.
fn tick() {
    if open_dialog().is_none() {
        return TICKING.set(false);
    }
    SECONDS.set(SECONDS.get().saturating_sub(1));
    show_remaining_time();
    set_timeout(tick, SECOND);
}

fn show_remaining_time() {
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
        forms::show_error(&dialog, error.map(PostError::message).as_deref());
        let _ = button.toggle_attribute_with_force("disabled", false);
    });
}

/// Extends the session. The response is handled like a session event.
///
/// # Errors
/// If that fails; after a refusal the page is redirected.
async fn stay() -> Result<(), PostError> {
    let body = post::empty().ok_or(PostError::UnexpectedResponse)?;
    match post::post(Stay::PATH, &body).await {
        Ok(event) => react(event),
        Err(PostError::App(error)) if navigation::redirect_on_error(error) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
