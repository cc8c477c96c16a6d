use leptos::prelude::*;

use crate::words;

/// In place of a form whose link cannot be used: the same for every cause, since a stranger may have guessed it.
#[component]
pub fn InvalidLink() -> impl IntoView {
    view! {
        <h1>{words::invalid_link::TITLE}</h1>
        <p class="lead">{words::invalid_link::LEAD}</p>
        <div class="next">
            <p class="hint">{words::invalid_link::HINT}</p>
            <p><a class="button" href="/forgot-password">{words::invalid_link::FORGOT}</a></p>
            <p><a href="/">{words::START_PAGE}</a></p>
        </div>
    }
}
