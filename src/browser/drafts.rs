//! Half-filled forms of a page whose session ended: kept in this tab for the way back.
//!
//! Passwords and hidden values never are. A draft belongs to one account and one page; whoever
//! else signs in here makes it go.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventInit, HtmlInputElement, HtmlTextAreaElement, Storage};

const STORED_AS: &str = "vestibule-draft";
/// What people type; not passwords, even while they are shown, and nothing that nobody sees.
const TYPED: &str = "main input:is([type=text], [type=email], [type=search], [type=tel], [type=url], \
    [type=number]):not([readonly], [autocomplete*=password]), main textarea";

#[derive(Serialize, Deserialize)]
struct Draft {
    account: String,
    place: String,
    /// Names of controls, and what had been typed there.
    fields: Vec<(String, String)>,
}

/// Keeps what `account` has typed on this page and not sent.
pub fn keep(account: &str) {
    let fields: Vec<_> = controls().into_iter().filter_map(Control::into_changed).collect();
    if fields.is_empty() {
        return;
    }
    let draft = Draft { account: account.to_owned(), place: super::place(), fields };
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&draft)) {
        // A browser that keeps nothing loses the draft, as it would have without.
        let _ = storage.set_item(STORED_AS, &text);
    }
}

/// Forgets it all: somebody has signed out here, and others may use the browser now.
pub fn forget() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(STORED_AS);
    }
}

/// Puts back what `account` had typed on this page.
pub fn restore(account: &str) {
    let Some(storage) = storage() else { return };
    let Ok(Some(text)) = storage.get_item(STORED_AS) else { return };
    let draft = serde_json::from_str::<Draft>(&text).ok().filter(|draft| draft.account == account);
    if draft.as_ref().is_some_and(|draft| draft.place != super::place()) {
        return; // theirs, of another page
    }
    if controls().is_empty() {
        return; // not drawn yet
    }
    let _ = storage.remove_item(STORED_AS);
    for (name, value) in draft.map(|draft| draft.fields).unwrap_or_default() {
        if let Some(control) = controls().into_iter().find(|control| control.name() == name) {
            control.fill(&value);
        }
    }
}

enum Control {
    Line(HtmlInputElement),
    Text(HtmlTextAreaElement),
}

impl Control {
    fn name(&self) -> String {
        match self {
            Control::Line(input) => input.name(),
            Control::Text(area) => area.name(),
        }
    }

    /// Name and value, if it is not as the page brought it.
    fn into_changed(self) -> Option<(String, String)> {
        let (value, before) = match &self {
            Control::Line(input) => (input.value(), input.default_value()),
            Control::Text(area) => (area.value(), area.default_value().unwrap_or_default()),
        };
        (value != before).then(|| (self.name(), value))
    }

    fn fill(&self, value: &str) {
        let target: &web_sys::EventTarget = match self {
            Control::Line(input) => {
                input.set_value(value);
                input
            }
            Control::Text(area) => {
                area.set_value(value);
                area
            }
        };
        let bubbling = EventInit::new();
        bubbling.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict("input", &bubbling) {
            let _ = target.dispatch_event(&event);
        }
    }
}

fn controls() -> Vec<Control> {
    let Ok(found) = document().query_selector_all(TYPED) else { return Vec::new() };
    let nodes = (0..found.length()).filter_map(|index| found.item(index));
    nodes
        .filter_map(|node| match node.dyn_into::<HtmlInputElement>() {
            Ok(input) => Some(Control::Line(input)),
            Err(node) => node.dyn_into::<HtmlTextAreaElement>().ok().map(Control::Text),
        })
        .collect()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
