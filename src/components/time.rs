use leptos::prelude::*;

use crate::{model::DisplayTime, words};

/// A time: relative to read, exact to look up, machine-readable for the rest.
#[component]
pub fn Time(
    time: DisplayTime,
    /// When the page is rendered, in milliseconds since the Unix epoch.
    now: i64,
) -> impl IntoView {
    view! { <time datetime=time.machine title=time.exact>{words::relative(time.at, now)}</time> }
}
