use leptos::prelude::*;

/// Carries the token of a link that was mailed: the address of the page has lost it.
#[component]
pub fn TokenField(name: &'static str, token: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=token/> }
}
