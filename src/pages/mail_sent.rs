use leptos::prelude::*;

use crate::words;

/// In place of a form after which a mail was sent, or would have been.
#[component]
pub fn MailSent(text: &'static str) -> impl IntoView {
    view! {
        <h1>{words::register::CHECK_MAIL}</h1>
        <p class="lead">{text}</p>
        <div class="next">
            <p class="hint">{words::register::NOTHING_ARRIVED}</p>
            <p><a href="/login">{words::login::TITLE}</a></p>
        </div>
    }
}
