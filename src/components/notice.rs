use leptos::prelude::*;

use super::icons;

/// The icon of a [`Notice`].
#[derive(Clone, Copy, Debug)]
pub enum NoticeIcon {
    Door,
    Tick,
}

/// A message about what has happened.
#[component]
pub fn Notice(#[prop(into)] text: String, icon: NoticeIcon) -> impl IntoView {
    let icon = match icon {
        NoticeIcon::Door => view! { <icons::Door/> }.into_any(),
        NoticeIcon::Tick => view! { <icons::Tick/> }.into_any(),
    };
    view! { <p class="note" role="status">{icon}<span>{text}</span></p> }
}
