//! The page at hand: what the server wrote about it into the root element, and the ways away from it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PageTransitionEvent, Storage};

use super::drafts;
use crate::{
    access::{Access, Verdict, destination, judge, redirect_for},
    model::{AppError, ReturnTo, Viewer},
};

/// Hides the page while it is not known whether it may still be seen.
const JUDGING: &str = "data-judging";
/// Kept in the session storage while a form's outcome leads to a page that has to be loaded anew.
const CHANGED: &str = "vestibule-changed";

/// The public handle of the session that the page was rendered for.
pub fn session() -> Option<String> {
    attribute("data-session")
}

/// The account that the page was rendered for.
pub fn account() -> Option<String> {
    attribute("data-account")
}

fn attribute(name: &str) -> Option<String> {
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

/// Judges this page for `viewer`, by the policy that the server judged by, and leaves it where the
/// server would have led a visitor who asked for it. Returns `true` if that is elsewhere.
pub fn judge_for(viewer: Viewer) -> bool {
    let Some(access) = attribute("data-access").and_then(|name| Access::parse(&name)) else { return false };
    match judge(access, viewer) {
        // Only the server knows whether there is a page at the return address.
        Verdict::Home => reload(),
        verdict => match destination(verdict, &(path_and_query() + &fragment())) {
            Some(destination) => leave_keeping_drafts(&destination),
            None => return false,
        },
    }
    true
}

/// Follows the refusal of a server function to where one signs in or confirms; `false` for an error
/// that leads nowhere.
pub fn follow_refusal(error: AppError) -> bool {
    let Some(destination) = redirect_for(error, &(path_and_query() + &fragment())) else { return false };
    leave_keeping_drafts(&destination);
    true
}

fn leave_keeping_drafts(destination: &str) {
    drafts::keep();
    assign(destination);
}

/// Goes where the outcome of a form leads, with a full document load, so that nothing of this page
/// stays in memory.
pub fn leave_for(next: &ReturnTo) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(CHANGED, "");
    }
    assign(next.as_str());
    // Where only the fragment differs, a browser would scroll and load nothing.
    let same_document = next.as_str().split('#').next() == Some(&path_and_query());
    if same_document && next.as_str().contains('#') {
        reload();
    }
}

/// Loads this page anew, keeping what was typed.
pub fn start_anew() {
    drafts::keep();
    reload();
}

fn assign(path: &str) {
    let _ = window().location().assign(path);
}

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

/// How the page came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The server answered this visit.
    Fresh,
    /// It was prefetched, and the server knows of no visit.
    Prefetched,
    /// It was prefetched before a form changed something: what it shows may be outdated.
    Outdated,
}

/// What this tab keeps, where the browser lets it.
pub fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Tells once how the page came here.
pub fn arrival() -> Arrival {
    let storage = storage();
    let changed = storage.as_ref().is_some_and(|storage| matches!(storage.get_item(CHANGED), Ok(Some(_))));
    if let Some(storage) = storage {
        let _ = storage.remove_item(CHANGED);
    }
    match (super::clock::was_prefetched(), changed) {
        (false, _) => Arrival::Fresh,
        (true, false) => Arrival::Prefetched,
        (true, true) => Arrival::Outdated,
    }
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
