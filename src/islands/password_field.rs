//! A password, with a button that shows it.

use leptos::{ev::MouseEvent, prelude::*};
use web_sys::HtmlInputElement;

use crate::{
    browser::page,
    components::{FieldFrame, FormState, icons},
    words,
};

/// A field for a password. The value never comes from the server.
#[component]
pub fn PasswordField(
    name: &'static str,
    label: &'static str,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<&'static str>,
) -> impl IntoView {
    let field = FormState::field(name);
    let (id, described_by, invalid) = (field.id.clone(), field.described_by(hint.is_some()), field.invalid());
    view! {
        <FieldFrame field label hint>
            <RevealButton>
                <input id=id name=name type="password" autocomplete=autocomplete autocapitalize="none"
                    spellcheck="false" required aria-invalid=invalid aria-describedby=described_by/>
            </RevealButton>
        </FieldFrame>
    }
}

/// Shows and hides the password in the control inside.
#[island]
fn RevealButton(children: Children) -> impl IntoView {
    let shown = RwSignal::new(false);
    let toggle = move |event: MouseEvent| {
        shown.update(|shown| *shown = !*shown);
        let kind = if shown.get_untracked() { "text" } else { "password" };
        if let Some(input) =
            page::query_closest_to_target::<HtmlInputElement>(&event, ".with-button", "input")
        {
            input.set_type(kind);
        }
    };
    view! {
        <div class="with-button">
            {children()}
            <button type="button" class="reveal needs-script" aria-label=words::fields::SHOW_PASSWORD
                aria-pressed=move || if shown.get() { "true" } else { "false" } on:click=toggle>
                <icons::Eye/>
            </button>
        </div>
    }
}
