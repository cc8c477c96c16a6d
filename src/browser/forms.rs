//! Reads the fields of forms, and shows their errors. `components::fields` renders the elements that are
//! used here: an error has the class `field-error` or `form-error`, and is `hidden` while it is empty.

use std::time::Duration;

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, FormData, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement, UrlSearchParams,
};

use super::{clock, page};
use crate::{
    model::{Rejection, ReturnTo},
    words,
};

const BUSY_LABEL: &str = "data-busy";
const IDLE_LABEL: &str = "data-idle";

/// The same body as of the native form, with the value of the submit button. `None` for other encodings
/// than `application/x-www-form-urlencoded`.
pub fn body(form: &HtmlFormElement, submitter: Option<&HtmlElement>) -> Option<UrlSearchParams> {
    if form.enctype() != "application/x-www-form-urlencoded" {
        return None;
    }
    let (data, body) = (FormData::new_with_form(form).ok()?, UrlSearchParams::new().ok()?);
    for entry in js_sys::try_iter(&data).ok()?? {
        let pair = Array::from(&entry.ok()?);
        body.append(&with_crlf(pair.get(0))?, &with_crlf(pair.get(1))?);
    }
    if let Some(button) = submitter.and_then(|element| element.dyn_ref::<HtmlButtonElement>())
        && !button.name().is_empty()
    {
        body.append(&button.name(), &button.value());
    }
    Some(body)
}

/// Normalizes line breaks to CRLF, as browsers do (HTML standard, "converting to a list of name-value
/// pairs").
fn with_crlf(value: JsValue) -> Option<String> {
    let mut after_cr = false;
    let text = value.as_string()?;
    Some(text.chars().fold(String::with_capacity(text.len()), |mut text, char| {
        match char {
            '\r' => text.push_str("\r\n"),
            '\n' if after_cr => {}
            '\n' => text.push_str("\r\n"),
            char => text.push(char),
        }
        after_cr = char == '\r';
        text
    }))
}

/// Whether the form is being submitted.
pub fn is_busy(form: &HtmlFormElement) -> bool {
    matches!(form.query_selector("[aria-busy=true]"), Ok(Some(_)))
}

/// Disables the submit button and shows its busy label while the form is being submitted.
pub fn set_busy(form: &HtmlFormElement, busy: bool) {
    let Ok(Some(button)) = form.query_selector("[type=submit]") else { return };
    let label = if busy { BUSY_LABEL } else { IDLE_LABEL };
    if busy {
        // Read here, since a page translator may have replaced the text.
        let _ = button.set_attribute(IDLE_LABEL, &button.text_content().unwrap_or_default());
    }
    if let Some(label) = button.get_attribute(label) {
        button.set_text_content(Some(&label));
    }
    let _ = button.set_attribute("aria-busy", if busy { "true" } else { "false" });
    let _ = button.toggle_attribute_with_force("disabled", busy);
}

/// Keeps the submit button disabled for so many seconds, which its label counts down.
pub async fn wait(form: &HtmlFormElement, seconds: u32) {
    let Ok(Some(button)) = form.query_selector("[type=submit]") else { return };
    let _ = button.toggle_attribute_with_force("disabled", true);
    let end = clock::browser_now() + i64::from(seconds) * 1000;
    // Counted by the clock, since timers of a tab in the background are late.
    while let Ok(left @ 1..) = u32::try_from(end - clock::browser_now()) {
        button.set_text_content(Some(&words::try_again_in(left.div_ceil(1000))));
        clock::sleep(Duration::from_millis(250)).await;
    }
    set_busy(form, false);
    show_error(form, Some(words::WAIT_OVER));
}

/// Shows the errors of a rejected form: of fields next to them, the others above. Errors of an earlier
/// rejection are removed. The first error gets the focus, which the disabled button has lost.
pub fn show_rejection(form: &HtmlFormElement, rejection: &Rejection) {
    let mut form_errors: Vec<&str> = rejection.form.as_deref().into_iter().collect();
    for_each(form, "[aria-invalid]", |control| drop(control.remove_attribute("aria-invalid")));
    for_each(form, ".field-error", |error| set_error(error, None));
    for (name, message) in &rejection.fields {
        if !show_in_field(form, name, message) {
            // The form does not have this field.
            form_errors.push(message);
        }
    }
    let text = form_errors.join(" ");
    show_error(form, Some(text.as_str()).filter(|text| !text.is_empty()));
    let first = form.query_selector("[aria-invalid=true], .form-error:not([hidden]) > [tabindex]");
    if let Ok(Some(first)) = first {
        let _ = first.unchecked_into::<HtmlElement>().focus();
    }
}

/// Shows an error of a form or a dialog as a whole.
pub fn show_error(container: &Element, message: Option<&str>) {
    for_each(container, ".form-error", |error| set_error(error, message));
}

fn show_in_field(form: &HtmlFormElement, name: &str, message: &str) -> bool {
    let controls = form.elements();
    let control = (0..controls.length())
        .filter_map(|index| controls.item(index)?.dyn_into::<HtmlElement>().ok())
        .find(|control| control.get_attribute("name").as_deref() == Some(name));
    let Some(control) = control else { return false };
    let Some(error) = page::query_closest::<Element>(control.as_ref(), ".field", ".field-error") else {
        return false;
    };
    if control.has_attribute("aria-invalid") {
        return true; // only the first error of a field is shown
    }
    let _ = control.set_attribute("aria-invalid", "true");
    set_error(&error, Some(message));
    true
}

fn set_error(error: &Element, message: Option<&str>) {
    let text = error.query_selector("[tabindex]").ok().flatten();
    text.as_ref().unwrap_or(error).set_text_content(message);
    let _ = error.toggle_attribute_with_force("hidden", message.is_none());
}

/// Adds the fragment of the URL to the return address in forms and links, since browsers do not send it
/// to the server.
pub fn add_fragment_to_return_address() {
    let fragment = page::fragment();
    if fragment.is_empty() {
        return;
    }
    let with_fragment =
        |next: &str| (!next.contains('#')).then(|| ReturnTo::parse(&(next.to_owned() + &fragment))).flatten();
    for_each(&document(), "input[name=next]", |input| {
        let Some(input) = input.dyn_ref::<HtmlInputElement>() else { return };
        if let Some(next) = with_fragment(&input.value()) {
            input.set_value(next.as_str());
        }
    });
    for_each(&document(), "a[href*='?next=']", |link| {
        let href = link.get_attribute("href").unwrap_or_default();
        let Some((page, query)) = href.split_once('?') else { return };
        if let Some(next) = ReturnTo::from_query(query).and_then(|next| with_fragment(next.as_str())) {
            let _ = link.set_attribute("href", &next.append_to(page));
        }
    });
}

/// Calls `act` with every element in `root` that matches.
pub fn for_each(root: &JsValue, selector: &str, mut act: impl FnMut(&Element)) {
    // Documents and elements both have this method, but share no type in the bindings.
    let found = root.unchecked_ref::<Element>().query_selector_all(selector);
    let Ok(found) = found else { return };
    for index in 0..found.length() {
        if let Some(element) = found.item(index).and_then(|node| node.dyn_into::<Element>().ok()) {
            act(&element);
        }
    }
}
