//! The current page: the attributes of its root element, its URL, storage and visibility.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PageTransitionEvent, Storage};

/// Hides a restored page until access to it has been checked again.
const RECHECKING: &str = "data-rechecking";

/// The public handle of the session that the page was rendered for.
pub fn session() -> Option<String> {
    attribute("data-session")
}

/// The account that the page was rendered for.
pub fn account() -> Option<String> {
    attribute("data-account")
}

/// An attribute of the root element.
pub fn attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(name)
}

/// Path and query of the page.
pub fn path_and_query() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// The fragment with its `#`; empty if there is none.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Reloads the page.
pub fn reload() {
    let _ = window().location().reload();
}

pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Calls `check` when the tab becomes visible, and when the browser restores the page from the back/forward
/// cache. A restored page stays hidden until [`reveal`], since its session may have ended meanwhile.
pub fn on_return(check: impl Fn() + Clone + 'static) {
    let restored = check.clone();
    window_event_listener_untyped("pageshow", move |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            hide();
            // A form that was being submitted would stay busy forever.
            if is_any_form_busy() { reload() } else { restored() }
        }
    });
    // The event bubbles from the document to the window.
    window_event_listener_untyped("visibilitychange", move |_| {
        if is_visible() {
            check();
        }
    });
}

fn hide() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(RECHECKING, "");
    }
}

/// Shows a restored page again.
pub fn reveal() {
    if let Some(root) = document().document_element() {
        let _ = root.remove_attribute(RECHECKING);
    }
}

/// Whether a restored page is still hidden.
pub fn is_hidden() -> bool {
    attribute(RECHECKING).is_some()
}

fn is_any_form_busy() -> bool {
    document().query_selector("[aria-busy=true]").ok().flatten().is_some()
}

/// The session storage of the tab; `None` if the browser blocks it.
pub fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Runs `act` in a microtask, after the island has been hydrated. It may be called in the body of an island,
/// which also runs on the server, and does nothing there.
pub fn after_hydration(act: impl FnOnce() + 'static) {
    if is_browser() {
        queue_microtask(act);
    }
}

/// Whether the target of an event is, or is in, an element that matches `selector`.
pub fn target_is_in(event: &Event, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(selector).ok().flatten().is_some())
}

/// [`query_closest`] for the target of an event.
pub fn query_closest_to_target<T: JsCast>(event: &Event, ancestor: &str, selector: &str) -> Option<T> {
    query_closest(event.target()?.dyn_ref()?, ancestor, selector)
}

/// The first element that matches `selector` in the closest ancestor of `element` that matches `ancestor`.
pub fn query_closest<T: JsCast>(element: &Element, ancestor: &str, selector: &str) -> Option<T> {
    element.closest(ancestor).ok()??.query_selector(selector).ok()??.dyn_into().ok()
}
