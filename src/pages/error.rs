//! The page for an error. It never shows the cause, which is in the log.

use leptos::prelude::*;

use super::layout::PlainLayout;
use crate::words;

/// What the page for an error says.
#[derive(Clone, Debug, Default)]
pub struct ErrorDetails {
    /// The HTTP status.
    pub status: u16,
    /// The request id, for a person to quote and an operator to find.
    pub reference: Option<String>,
    /// How long to wait before trying again.
    pub seconds: Option<u32>,
    /// In place of the way to the start page.
    pub way_back: Option<WayBack>,
}

/// Where one can try again.
#[derive(Clone, Debug)]
pub struct WayBack {
    pub href: String,
    pub label: &'static str,
}

/// The page for an error.
#[component]
pub fn ErrorPage(details: ErrorDetails) -> impl IntoView {
    let ErrorDetails { status, reference, seconds, way_back } = details;
    let (heading, text) = words::error_page(status);
    let WayBack { href, label } =
        way_back.unwrap_or_else(|| WayBack { href: "/".to_owned(), label: words::START_PAGE });
    let text = match seconds {
        Some(seconds) => view! { <Wait seconds/> }.into_any(),
        None => view! { <p class="lead">{text}</p> }.into_any(),
    };
    view! {
        <PlainLayout>
            <p class="status">{status}</p>
            <h1>{heading}</h1>
            {text}
            <p><a class="button" href=href>{label}</a></p>
            <Reference reference/>
        </PlainLayout>
    }
}

/// How long to wait. `public/countdown.js` counts it down with these words; without JavaScript, the sentence stands.
#[component]
fn Wait(seconds: u32) -> impl IntoView {
    let [before, after] = words::WAIT;
    view! {
        <p class="lead" data-wait=seconds.to_string() data-second=words::ONE_SECOND data-seconds=words::SECONDS
            data-minutes=words::MINUTES>
            {before}<span>{words::remaining(seconds)}</span>{after}
        </p>
        <div role="status"><p class="lead" hidden>{words::WAIT_OVER}</p></div>
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
