//! A password, with a button that shows it.

use leptos::{html, prelude::*};
use web_sys::HtmlInputElement;

use crate::{
    browser::page,
    components::{FieldFrame, FieldState, FormState, icons},
    words::SHOW_PASSWORD,
};

/// A field for a password. The value never comes from the server.
#[component]
pub fn PasswordField(
    name: &'static str,
    label: &'static str,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<String>,
) -> impl IntoView {
    let field = FormState::field(name);
    let described_by = field.described_by(hint.is_some());
    let (FieldState { id, .. }, invalid) = (field.clone(), field.invalid());
    view! {
        <FieldFrame field label hint>
            <div class="with-button">
                <input id=id name=name type="password" autocomplete=autocomplete autocapitalize="none"
                    spellcheck="false" required aria-invalid=invalid aria-describedby=described_by/>
                <RevealButton/>
            </div>
        </FieldFrame>
    }
}

/// Shows and hides the password in the control beside it.
#[island]
fn RevealButton() -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let shown = RwSignal::new(false);
    let control = RwSignal::new(None::<String>);
    let input = move || page::neighbour::<HtmlInputElement>(button.get()?.as_ref(), ".with-button", "input");
    Effect::new(move |_| control.set(input().map(|input| input.id())));
    Effect::new(move |_| {
        let kind = if shown.get() { "text" } else { "password" };
        if let Some(input) = input() {
            input.set_type(kind);
        }
    });
    view! {
        <button type="button" class="reveal needs-script" node_ref=button aria-label=SHOW_PASSWORD
            aria-controls=move || control.get()
            aria-pressed=move || if shown.get() { "true" } else { "false" }
            on:click=move |_| shown.update(|shown| *shown = !*shown)>
            <icons::Eye/>
        </button>
    }
}
