//! Drafts of forms: unsaved input that is kept in the session storage of the tab when the session ends, and
//! restored after the same account has signed in again.
//!
//! Passwords and hidden fields are never kept. A draft belongs to one account and one page; it is discarded
//! when another account signs in.

use js_sys::{Array, JSON};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventInit, HtmlInputElement, HtmlTextAreaElement};

use super::{JsJson, page};
use crate::model::Json;

const STORAGE_KEY: &str = "vestibule-draft";
/// Text fields, without passwords (even while they are revealed) and hidden fields.
const DRAFT_FIELDS: &str = "main input:is([type=text], [type=email], [type=search], [type=tel], [type=url], \
    [type=number]):not([readonly], [autocomplete*=password]), main textarea";

/// Saves the unsaved input of this page as `[account, page, [[id, value], …]]`.
pub fn save() {
    let Some(account) = page::account() else { return };
    let fields: Array = controls().into_iter().filter_map(Control::into_changed_field).collect();
    if fields.length() == 0 {
        return;
    }
    let page = page::path_and_query();
    let draft = Array::of3(&JsValue::from_str(&account), &JsValue::from_str(&page), &fields);
    if let (Some(storage), Ok(text)) = (page::storage(), JSON::stringify(&draft)) {
        // Without storage the draft is lost.
        let _ = storage.set_item(STORAGE_KEY, &String::from(text));
    }
}

/// Discards the draft at sign-out, since somebody else may use the browser next.
pub fn discard() {
    if let Some(storage) = page::storage() {
        let _ = storage.remove_item(STORAGE_KEY);
    }
}

/// Restores the draft of this page.
pub fn restore() {
    let (Some(account), Some(storage)) = (page::account(), page::storage()) else { return };
    let Ok(Some(text)) = storage.get_item(STORAGE_KEY) else { return };
    let draft = JsJson::parse(&text).map(|draft| draft.items()).unwrap_or_default();
    let fields = match draft.as_slice() {
        [owner, draft_page, fields] if owner.text().as_ref() == Some(&account) => {
            if draft_page.text() != Some(page::path_and_query()) {
                return; // kept for another page of this account
            }
            fields.items()
        }
        _ => Vec::new(),
    };
    let _ = storage.remove_item(STORAGE_KEY);
    for field in fields {
        if let [id, value] = field.items().as_slice()
            && let (Some(id), Some(value)) = (id.text(), value.text())
            && let Some(control) = controls().into_iter().find(|control| control.id() == id)
        {
            control.fill(&value);
        }
    }
}

enum Control {
    Input(HtmlInputElement),
    TextArea(HtmlTextAreaElement),
}

impl Control {
    /// The id, since two forms of a page may have fields of the same name.
    fn id(&self) -> String {
        match self {
            Control::Input(input) => input.id(),
            Control::TextArea(area) => area.id(),
        }
    }

    /// Id and value, if the value was changed since the page was loaded.
    fn into_changed_field(self) -> Option<Array> {
        let (value, default_value) = match &self {
            Control::Input(input) => (input.value(), input.default_value()),
            Control::TextArea(area) => (area.value(), area.default_value().unwrap_or_default()),
        };
        (value != default_value)
            .then(|| Array::of2(&JsValue::from_str(&self.id()), &JsValue::from_str(&value)))
    }

    fn fill(&self, value: &str) {
        let target: &web_sys::EventTarget = match self {
            Control::Input(input) => {
                input.set_value(value);
                input
            }
            Control::TextArea(area) => {
                area.set_value(value);
                area
            }
        };
        let init = EventInit::new();
        init.set_bubbles(true);
        if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
            let _ = target.dispatch_event(&event);
        }
    }
}

fn controls() -> Vec<Control> {
    let Ok(found) = document().query_selector_all(DRAFT_FIELDS) else { return Vec::new() };
    let nodes = (0..found.length()).filter_map(|index| found.item(index));
    nodes
        .filter_map(|node| match node.dyn_into::<HtmlInputElement>() {
            Ok(input) => Some(Control::Input(input)),
            Err(node) => node.dyn_into::<HtmlTextAreaElement>().ok().map(Control::TextArea),
        })
        .collect()
}
