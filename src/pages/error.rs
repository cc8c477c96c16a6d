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
            <Reference reference/>
        </PlainLayout>
    }
}

/// The page for a request that came from another site, or from a page that was opened at another address
/// than `origin`, such as the IP address of the server: it says which address to use.
#[component]
pub fn CrossSitePage(status: u16, origin: String, reference: Option<String>) -> impl IntoView {
    let [before, after] = words::cross_site::TEXT;
    let home = origin.clone();
    view! {
        <PlainLayout>
            <p class="status">{status}</p>
            <h1>{words::cross_site::HEADING}</h1>
            <p class="lead">{before}<strong>{origin}</strong>{after}</p>
            <p class="hint">{words::cross_site::HINT}</p>
            <p><a class="button" href=home>{words::START_PAGE}</a></p>
            <Reference reference/>
        </PlainLayout>
    }
}

#[component]
fn Reference(reference: Option<String>) -> impl IntoView {
    reference.map(|id| view! { <p class="hint">{words::ERROR_REFERENCE}<code>{id}</code></p> })
}
