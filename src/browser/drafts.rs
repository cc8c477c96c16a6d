//! Half-filled forms of a page whose session ended: kept in this tab until its account is back.
//!
//! Passwords and hidden values never are. A draft belongs to one account and one page; when another
//! account signs in here, it goes.

use js_sys::{Array, JSON};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventInit, HtmlInputElement, HtmlTextAreaElement};

use super::{JsJson, page};
use crate::model::Json;

const STORED_AS: &str = "vestibule-draft";
/// What people type; not passwords, even while they are shown, and nothing hidden.
const TYPED: &str = "main input:is([type=text], [type=email], [type=search], [type=tel], [type=url], \
    [type=number]):not([readonly], [autocomplete*=password]), main textarea";

/// Keeps what has been typed on this page and not sent, as `[account, page, [[id, value], …]]`.
pub fn keep() {
    let Some(account) = page::account() else { return };
    let fields: Array = controls().into_iter().filter_map(Control::into_changed).collect();
    if fields.length() == 0 {
        return;
    }
    let page = page::path_and_query();
    let draft = Array::of3(&JsValue::from_str(&account), &JsValue::from_str(&page), &fields);
    if let (Some(storage), Ok(text)) = (page::storage(), JSON::stringify(&draft)) {
        // A browser that keeps nothing loses the draft, as it would have without.
        let _ = storage.set_item(STORED_AS, &String::from(text));
    }
}

/// Forgets it all: somebody has signed out here, and others may use the browser now.
pub fn forget() {
    if let Some(storage) = page::storage() {
        let _ = storage.remove_item(STORED_AS);
    }
}

/// Puts back what had been typed on this page.
pub fn restore() {
    let (Some(account), Some(storage)) = (page::account(), page::storage()) else { return };
    let Ok(Some(text)) = storage.get_item(STORED_AS) else { return };
    let draft = JsJson::parse(&text).map(|draft| draft.items()).unwrap_or_default();
    let fields = match draft.as_slice() {
        [owner, of_page, fields] if owner.text().as_ref() == Some(&account) => {
            if of_page.text() != Some(page::path_and_query()) {
                return; // theirs, of another page
            }
            fields.items()
        }
        _ => Vec::new(),
    };
    let _ = storage.remove_item(STORED_AS);
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
    Line(HtmlInputElement),
    Text(HtmlTextAreaElement),
}

impl Control {
    /// Two forms of a page may have fields of one name.
    fn id(&self) -> String {
        match self {
            Control::Line(input) => input.id(),
            Control::Text(area) => area.id(),
        }
    }

    /// Id and value, if it is not as the page brought it.
    fn into_changed(self) -> Option<Array> {
        let (value, before) = match &self {
            Control::Line(input) => (input.value(), input.default_value()),
            Control::Text(area) => (area.value(), area.default_value().unwrap_or_default()),
        };
        (value != before).then(|| Array::of2(&JsValue::from_str(&self.id()), &JsValue::from_str(&value)))
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
