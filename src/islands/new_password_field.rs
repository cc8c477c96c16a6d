//! Choosing a password.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*, server_fn::ServerFn};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, UrlSearchParams};

use super::PasswordField;
use crate::{
    api::RatePassword,
    browser::{page, post::post},
    model::Strength,
    words,
};

/// Pause in typing after which the strength is asked for.
const PAUSE: Duration = Duration::from_millis(300);
/// The shortest password that the server takes; `credentials` has the rule.
const HINT: &str = "At least 8 characters. A few unrelated words make a good one.";

/// A field for a new password, with what is asked of it and how hard it would be to guess.
#[component]
pub fn NewPasswordField(name: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <div class="new-password">
            <PasswordField name label autocomplete="new-password" hint=HINT.to_owned()/>
            <StrengthMeter/>
        </div>
    }
}

/// Says how hard the password in the field beside it is to guess, once there is a pause in typing.
#[island]
fn StrengthMeter() -> impl IntoView {
    let meter = NodeRef::<html::P>::new();
    let strength = RwSignal::new(None::<Strength>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let asked = StoredValue::new(0_u32);
    let rate = move |password: String| {
        // What is known, or still asked, is about another password.
        strength.set(None);
        asked.update_value(|asked| *asked += 1);
        let question = asked.get_value();
        timer.update_value(|timer| timer.take().iter().for_each(TimeoutHandle::clear));
        if password.is_empty() {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                // No rating is no fault: the field works without.
                let rating = rating_of(&password).await;
                if asked.get_value() == question {
                    strength.set(rating);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    Effect::new(move |_| {
        let Some(meter) = meter.get() else { return };
        let input = page::neighbour::<HtmlInputElement>(&meter, ".new-password", "input");
        if let Some(input) = input {
            let typed = input.clone();
            page::listen_to(&input, "input", move || rate(typed.value()));
        }
    });
    let step = move || match strength.get() {
        None => "0",
        Some(Strength::Trivial) => "1",
        Some(Strength::Weak) => "2",
        Some(Strength::Fair) => "3",
        Some(Strength::Good) => "4",
        Some(Strength::Strong) => "5",
    };
    view! {
        <p class="strength" role="status" node_ref=meter>
            <meter min="0" max="5" low="3" high="4" optimum="5" value=step aria-hidden="true"
                hidden=move || strength.get().is_none()></meter>
            <span>{move || strength.get().map_or("", words::strength)}</span>
        </p>
    }
}

async fn rating_of(password: &str) -> Option<Strength> {
    let body = UrlSearchParams::new().ok()?;
    body.append("password", password);
    post(RatePassword::PATH, &body).await.ok()
}
