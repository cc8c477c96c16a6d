use leptos::prelude::*;

use crate::words;

/// In place of a form whose link cannot be used: the same for every cause, since a stranger may have guessed it.
#[component]
pub fn InvalidLink() -> impl IntoView {
    view! {
        <h1>{words::invalid_link::TITLE}</h1>
        <p class="lead">{words::invalid_link::LEAD}</p>
        <p>{words::invalid_link::HINT}</p>
        <p class="aside"><a href="/forgot-password">{words::invalid_link::FORGOT}</a></p>
        <p class="aside"><a href="/login">{words::login::TITLE}</a></p>
    }
}
