//! The few calls to browser APIs. They run in effects and event handlers, never on the server.

pub mod drafts;
pub mod news;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Marks the document as taken over: styles reveal what only works with JavaScript, and tests
/// wait for it.
pub fn announce_hydration() {
    if let Some(root) = document().document_element() {
        // Setting a well-formed attribute name cannot fail.
        let _ = root.set_attribute("data-hydrated", "");
    }
}

/// Leaves for `path` with a full document load, so that nothing of this page stays in memory.
pub fn leave_for(path: &str) {
    let _ = window().location().assign(path);
}

/// Calls `begin` when the browser begins to leave this page.
pub fn on_leaving(begin: impl Fn() + 'static) {
    window_event_listener_untyped("beforeunload", move |_| begin());
}

/// Loads this page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// The path and query of this page.
pub fn place() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Loads a page anew when the browser brings it back from the back/forward cache, where a private
/// page can outlive its session even though it was sent with `no-store`, and a form that was
/// accepted waits for ever.
pub fn reload_when_restored() {
    window_event_listener_untyped("pageshow", |event| {
        let restored = event.dyn_ref::<web_sys::PageTransitionEvent>().is_some_and(|event| event.persisted());
        if restored {
            reload();
        }
    });
}

/// Moves the focus to the first thing that is wrong: it was on the button, which could not keep it.
pub fn focus_first_problem() {
    let invalid = document().query_selector("[aria-invalid=true], .form-error").ok().flatten();
    if let Some(field) = invalid.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}
