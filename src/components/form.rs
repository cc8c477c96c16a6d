//! Form controls with their labels, hints and errors wired up for everybody (WCAG 3.3.1, 1.3.1).

use leptos::prelude::*;

use super::{icons, words::words};
use crate::model::{Field, Problem, Viewer};

/// One line of text.
#[component]
pub fn TextField(
    field: Field,
    label: &'static str,
    /// The `type` of the control, such as `email`.
    kind: &'static str,
    autocomplete: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let name = field.name();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize=if kind == "email" { "none" } else { "words" }
                spellcheck="false"
                required
                aria-invalid=move || problem.get().map(|_| "true")
                aria-describedby=move || problem.get().map(|_| error_id(name))
            />
            <FieldError field problem/>
        </div>
    }
}

/// A password with a button that shows it. The value never comes from the server.
#[component]
pub fn PasswordField(
    #[prop(optional, default = Field::Password)] field: Field,
    label: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] hint: Option<String>,
    /// Follows what is typed.
    #[prop(optional)]
    typed: RwSignal<String>,
    #[prop(into)] problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let name = field.name();
    let hinted = hint.is_some();
    let described_by = move || {
        let error = problem.get().map(|_| error_id(name));
        let hint = hinted.then(|| format!("{name}-hint"));
        let ids: Vec<_> = error.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="with-button">
                <input
                    id=name
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    aria-invalid=move || problem.get().map(|_| "true")
                    aria-describedby=described_by
                    on:input:target=move |event| typed.set(event.target().value())
                />
                <button
                    type="button"
                    class="reveal needs-script"
                    aria-controls=name
                    aria-label="Show password"
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    <icons::Eye/>
                </button>
            </div>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            <FieldError field problem/>
        </div>
    }
}

/// A problem of the form as a whole, announced to screen readers when it appears.
#[component]
pub fn FormError(#[prop(into)] text: Signal<Option<&'static str>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || text.get().map(|text| view! { <p class="form-error" tabindex="-1"><icons::Warning/>{text}</p> })}
        </div>
    }
}

/// The button that posts the form; says so while it is on its way.
#[component]
pub fn SubmitButton(
    label: &'static str,
    busy_label: &'static str,
    #[prop(into)] pending: Signal<bool>,
) -> impl IntoView {
    view! {
        <button type="submit" class="primary" disabled=pending aria-busy=move || pending.get().to_string()>
            {move || if pending.get() { busy_label } else { label }}
        </button>
    }
}

/// Tells password managers whose password the form is about; nobody sees it, and the server does not
/// read it.
#[component]
pub fn Username() -> impl IntoView {
    let email = expect_context::<Viewer>().account().map(|account| account.email.clone());
    view! { <input type="text" name="username" autocomplete="username" value=email readonly hidden/> }
}

/// A hidden value that goes with the form, when there is one.
#[component]
pub fn Hidden(name: &'static str, value: Option<String>) -> impl IntoView {
    value.map(|value| view! { <input type="hidden" name=name value=value/> })
}

#[component]
fn FieldError(field: Field, #[prop(into)] problem: Signal<Option<Problem>>) -> impl IntoView {
    move || {
        problem.get().map(|problem| {
            view! { <p class="field-error" id=error_id(field.name())>{words(field, problem)}</p> }
        })
    }
}

fn error_id(name: &str) -> String {
    format!("{name}-error")
}
