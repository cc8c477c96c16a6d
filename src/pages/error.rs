//! What one sees when a page cannot be shown. No cause is ever told here; the log has it.

use leptos::prelude::*;

use super::layout::PlainLayout;

/// The page for an HTTP error status.
#[component]
pub fn ErrorPage(
    status: u16,
    /// The request id, for a person to quote and an operator to find.
    reference: Option<String>,
) -> impl IntoView {
    let (heading, text) = words(status);
    view! {
        <PlainLayout>
            <p class="status">{status}</p>
            <h1>{heading}</h1>
            <p class="lead">{text}</p>
            <p><a class="button" href="/">"Go to the start page"</a></p>
            {reference.map(|id| view! { <p class="hint">"Reference: "<code>{id}</code></p> })}
        </PlainLayout>
    }
}

/// Heading and text for a status.
pub fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("Please sign in", "This page is for people who are signed in."),
        403 => (
            "You don't have access to this page",
            "Your account has no access to it, or the request came from another site. If you followed a link, open the page again from here.",
        ),
        404 => ("Page not found", "There is nothing at this address. It may have been mistyped or moved."),
        405 => ("That does not work here", "This address does not answer that kind of request."),
        408 => ("That took too long", "The request did not arrive in time. Please try again."),
        429 => ("Too many at once", "Please wait a moment, then try again."),
        413 | 414 | 431 => ("That is too much", "The request is larger than this site accepts."),
        400..=499 => (
            "That did not work",
            "The request could not be understood. Go back, reload the page and try again.",
        ),
        503 => (
            "Not available right now",
            "The service is unavailable at the moment. You are still signed in where you were; please try again shortly.",
        ),
        _ => ("Something went wrong", "The fault is on our side and has been noted. Please try again."),
    }
}
