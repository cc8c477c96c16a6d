//! HTML that is the same for every visitor.

use std::sync::OnceLock;

use leptos::{prelude::*, tachys::html::InertElement};

/// Renders a view the first time, and uses its HTML from then on.
pub fn rendered_once<V: IntoView>(html: &'static OnceLock<String>, view: impl FnOnce() -> V) -> InertElement {
    InertElement::new(html.get_or_init(|| Owner::new().with(|| view().into_view().to_html())).as_str())
}
