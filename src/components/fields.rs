//! Form controls with their labels, hints and errors connected for assistive technology (WCAG 3.3.1, 1.3.1).
//!
//! The element of an error is always there, hidden while there is none, so that the form's island finds
//! where to put one: `FieldFrame` and `browser::forms` agree on its class and on `aria-invalid`.

use leptos::prelude::*;

use super::{FieldState, FormState, icons};
use crate::model::ReturnTo;

/// One line of text.
#[component]
pub fn TextField(
    name: &'static str,
    label: &'static str,
    /// The `type` of the control, such as `email`.
    #[prop(default = "text")]
    kind: &'static str,
    /// The `autocomplete` token of the HTML standard; `off` where none fits.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let field = FormState::field(name);
    let value = field.typed.clone().unwrap_or(value);
    let (id, described_by, invalid) = (field.id.clone(), field.described_by(false), field.invalid());
    view! {
        <FieldFrame field label>
            <input id=id name=name type=kind value=value autocomplete=autocomplete
                autocapitalize=if kind == "email" { "none" } else { "words" } spellcheck="false" required
                aria-invalid=invalid aria-describedby=described_by/>
        </FieldFrame>
    }
}

/// The label above a control, and the hint and the error below it.
#[component]
pub fn FieldFrame(
    field: FieldState,
    label: &'static str,
    #[prop(optional_no_strip)] hint: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let FieldState { id, error, .. } = field;
    let no_error = error.is_none();
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {children()}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <p class="field-error" id=error_id hidden=no_error>{error}</p>
        </div>
    }
}

/// What is wrong with a form as a whole, announced to screen readers when it appears.
#[component]
pub fn ErrorBox(error: Option<String>) -> impl IntoView {
    let no_error = error.is_none();
    view! {
        <div role="alert">
            <p class="form-error" hidden=no_error>
                <icons::Warning/>
                <span tabindex="-1">{error}</span>
            </p>
        </div>
    }
}

/// A checkbox; posts `on` when it is ticked.
#[component]
pub fn Checkbox(name: &'static str, label: &'static str) -> impl IntoView {
    let ticked = FormState::field(name).typed.is_some_and(|value| !value.is_empty());
    view! {
        <label class="check">
            <input type="checkbox" name=name checked=ticked/>
            {label}
        </label>
    }
}

/// For password managers: the account whose password the form is about. It is not visible, and the server
/// does not read it.
#[component]
pub fn UsernameField(email: String) -> impl IntoView {
    view! { <input type="text" name="username" autocomplete="username" value=email readonly hidden/> }
}

/// Carries the return address, if there is one.
#[component]
pub fn ReturnToField(next: Option<ReturnTo>) -> impl IntoView {
    next.map(|next| view! { <input type="hidden" name="next" value=String::from(next)/> })
}

/// A link to `page` that keeps the return address.
pub fn link_with_return(next: Option<&ReturnTo>, page: &str) -> String {
    next.map_or_else(|| page.to_owned(), |next| next.append_to(page))
}
