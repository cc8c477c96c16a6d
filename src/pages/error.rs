//! The page for an error. It never shows the cause, which is in the log.

use leptos::prelude::*;

use super::layout::PlainLayout;
use crate::words;

/// The page for an HTTP error status.
#[component]
pub fn ErrorPage(
    status: u16,
    /// The request id, for a person to quote and an operator to find.
    reference: Option<String>,
) -> impl IntoView {
    let (heading, text) = words::error_page(status);
    view! {
        <PlainLayout>
            <p class="status">{status}</p>
            <h1>{heading}</h1>
            <p class="lead">{text}</p>
            <p><a class="button" href="/">{words::START_PAGE}</a></p>
            {reference.map(|id| view! { <p class="hint">{words::ERROR_REFERENCE}<code>{id}</code></p> })}
        </PlainLayout>
    }
}
