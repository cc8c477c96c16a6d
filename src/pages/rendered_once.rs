//! HTML that is the same for every visitor.

use std::sync::OnceLock;

use leptos::{prelude::*, tachys::html::InertElement};

/// Renders a view the first time, and uses its HTML from then on.
pub fn rendered_once<V: IntoView>(html: &'static OnceLock<String>, view: impl FnOnce() -> V) -> InertElement {
    InertElement::new(html.get_or_init(|| render_apart(view)).as_str())
}

/// Renders a view without the context of the current request, so that nothing of it can get into HTML that
/// others see.
pub fn render_apart<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let current = Owner::current();
    let owner = Owner::new_root(None);
    let html = owner.with(|| view().into_view().to_html());
    owner.unset_with_forced_cleanup();
    if let Some(current) = current {
        current.set();
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_request_gets_into_the_html() {
        let request = Owner::new();
        request.set();
        provide_context("of one visitor");
        let seen = || use_context::<&str>().unwrap_or("nothing");
        assert_eq!(render_apart(|| view! { <p>{seen()}</p> }), "<p>nothing</p>");
        assert_eq!(seen(), "of one visitor", "the request goes on as before");
    }
}
