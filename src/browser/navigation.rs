//! Navigation away from the page: redirects by the access policy, after an error, and after a form.

use leptos::prelude::*;

use super::{
    clock, drafts,
    page::{attribute, fragment, path_and_query, reload, storage},
};
use crate::{
    access::{Access, Verdict, after_sign_in, destination, judge, redirect_for},
    model::{AppError, ReturnTo, Viewer},
};

/// Session storage key, set after an accepted form: pages that were prefetched before are outdated.
const CHANGED_KEY: &str = "vestibule-changed";

/// Checks the access of `viewer` to this page by the same policy as the server, and redirects as the server
/// would. Returns `true` if it has redirected.
pub fn recheck_access(viewer: Viewer) -> bool {
    let Some(access) = attribute("data-access").and_then(|name| Access::parse(&name)) else { return false };
    match judge(access, viewer) {
        // Only the server can check whether the return address is a page.
        Verdict::Home => reload(),
        verdict => match destination(verdict, &(path_and_query() + &fragment())) {
            Some(destination) => redirect_keeping_draft(&destination),
            None => return false,
        },
    }
    true
}

/// Redirects to sign-in or step-up if the error of a server function requires it; `false` for other errors.
pub fn redirect_on_error(error: AppError) -> bool {
    let Some(destination) = redirect_for(error, &(path_and_query() + &fragment())) else { return false };
    redirect_keeping_draft(&destination);
    true
}

fn redirect_keeping_draft(destination: &str) {
    drafts::save();
    assign(destination);
}

/// Redirects after an accepted form. It loads a new document, so that no data of this page stays in memory.
pub fn redirect_after_form(next: &ReturnTo, signed_in: bool) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(CHANGED_KEY, "");
    }
    if signed_in {
        return assign(&after_sign_in(next));
    }
    assign(next.as_str());
    // If only the fragment differs, the browser would scroll instead of loading the page.
    let same_document = next.as_str().split('#').next() == Some(&path_and_query());
    if same_document && next.as_str().contains('#') {
        reload();
    }
}

/// Reloads the page and keeps its draft.
pub fn reload_keeping_draft() {
    drafts::save();
    reload();
}

fn assign(path: &str) {
    let _ = window().location().assign(path);
}

/// How the page was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Requested when it was opened.
    Network,
    /// Prefetched, so the server has not counted the visit as activity.
    Prefetch,
    /// Prefetched before a form was accepted, so its content may be outdated.
    OutdatedPrefetch,
}

/// How the page was delivered. Resets the mark of an accepted form, so call it once.
pub fn take_delivery() -> Delivery {
    let storage = storage();
    let changed =
        storage.as_ref().is_some_and(|storage| matches!(storage.get_item(CHANGED_KEY), Ok(Some(_))));
    if let Some(storage) = storage {
        let _ = storage.remove_item(CHANGED_KEY);
    }
    match (clock::was_prefetched(), changed) {
        (false, _) => Delivery::Network,
        (true, false) => Delivery::Prefetch,
        (true, true) => Delivery::OutdatedPrefetch,
    }
}
