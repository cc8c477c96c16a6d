//! Inline drawings, for decoration only: the text beside them has the meaning.

use leptos::prelude::*;

/// The logo: a doorway.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-arch" d="M4 29V15a12 12 0 0 1 24 0v14z"/>
            <path class="mark-opening" d="M9 29V15.5a7 7 0 0 1 14 0V29z"/>
            <path class="mark-door" d="M9 29V15.5A7 7 0 0 1 13.5 9L18 13.6V29z"/>
            <circle class="mark-knob" cx="15.6" cy="20.6" r="1.1"/>
        </svg>
    }
}

#[component]
pub fn Eye() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/>
            <circle cx="12" cy="12" r="2.8"/>
            <path class="slash" d="M4 20 20 4"/>
        </svg>
    }
}

/// A door with an arrow: signed out.
#[component]
pub fn Door() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M13 4H6v16h7"/>
            <path d="M10.5 12H20m-3.5-3.5L20 12l-3.5 3.5"/>
        </svg>
    }
}

#[component]
pub fn Tick() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <circle cx="12" cy="12" r="9"/>
            <path d="m8 12.4 2.8 2.8L16.2 9.6"/>
        </svg>
    }
}

#[component]
pub fn Warning() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <circle cx="12" cy="12" r="9"/>
            <path d="M12 7.5v5.5M12 16.2v.3"/>
        </svg>
    }
}
