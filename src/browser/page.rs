//! The page at hand: what the server wrote about it into the root element, and whether it is looked at.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PageTransitionEvent, Storage};

/// Hides the page while it is not known whether it may still be seen.
const JUDGING: &str = "data-judging";
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

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

pub fn is_visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// Calls `check` when the page is looked at again: when its tab comes to the front, and when the browser
/// brings it back from the back/forward cache. In the latter case nothing of it is shown until
/// [`reveal`], since a private page can outlive its session there.
pub fn on_return(check: impl Fn() + Clone + 'static) {
    let restored = check.clone();
    window_event_listener_untyped("pageshow", move |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            hide();
            // A form that was accepted would wait for ever.
            if is_any_form_busy() { reload() } else { restored() }
        }
    });
    // Listened for at the window, to which the event bubbles.
    window_event_listener_untyped("visibilitychange", move |_| {
        if is_visible() {
            check();
        }
    });
}

fn hide() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(JUDGING, "");
    }
}

/// Shows the page again: it may be seen.
pub fn reveal() {
    if let Some(root) = document().document_element() {
        let _ = root.remove_attribute(JUDGING);
    }
}

/// Whether the page is hidden because it is not known whether it may be seen.
pub fn is_hidden() -> bool {
    attribute(JUDGING).is_some()
}

fn is_any_form_busy() -> bool {
    document().query_selector("[aria-busy=true]").ok().flatten().is_some()
}

/// What this tab keeps, where the browser lets it.
pub fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Does something once this turn of the event loop is over: in the body of an island, which also runs on
/// the server, where this does nothing.
pub fn once_hydrated(act: impl FnOnce() + 'static) {
    if is_browser() {
        queue_microtask(act);
    }
}

/// The element that `selector` finds in the nearest ancestor of the event's target that fits `within`.
pub fn around<T: JsCast>(event: &Event, within: &str, selector: &str) -> Option<T> {
    neighbour(event.target()?.dyn_ref()?, within, selector)
}

/// The element that `selector` finds in the nearest ancestor of `element` that fits `within`.
pub fn neighbour<T: JsCast>(element: &Element, within: &str, selector: &str) -> Option<T> {
    element.closest(within).ok()??.query_selector(selector).ok()??.dyn_into().ok()
}
