//! Leaving the page: where the access policy, a refusal or the outcome of a form leads.

use leptos::prelude::*;

use super::{
    clock, drafts,
    page::{attribute, fragment, path_and_query, reload, storage},
};
use crate::{
    access::{Access, Verdict, destination, judge, redirect_for},
    model::{AppError, ReturnTo, Viewer},
};

/// Kept in the session storage while a form's outcome leads to a page that has to be loaded anew.
const CHANGED: &str = "vestibule-changed";

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

/// Tells once how the page came here.
pub fn arrival() -> Arrival {
    let storage = storage();
    let changed = storage.as_ref().is_some_and(|storage| matches!(storage.get_item(CHANGED), Ok(Some(_))));
    if let Some(storage) = storage {
        let _ = storage.remove_item(CHANGED);
    }
    match (clock::was_prefetched(), changed) {
        (false, _) => Arrival::Fresh,
        (true, false) => Arrival::Prefetched,
        (true, true) => Arrival::Outdated,
    }
}
