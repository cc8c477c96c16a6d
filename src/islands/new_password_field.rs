//! Choosing a password.

use std::time::Duration;

use leptos::{ev::Event, leptos_dom::helpers::TimeoutHandle, prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, UrlSearchParams};

use super::PasswordField;
use crate::{api::RatePassword, browser::post::post, model::Strength, words};

/// How long to wait after the last keystroke before the strength is requested.
const PAUSE: Duration = Duration::from_millis(300);

/// A field for a new password, with a hint and a strength meter.
#[component]
pub fn NewPasswordField(name: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <StrengthMeter>
            <PasswordField name label autocomplete="new-password" hint=words::fields::PASSWORD_HINT/>
        </StrengthMeter>
    }
}

/// Shows how hard the password in the field inside is to guess, after a pause in typing.
#[island]
fn StrengthMeter(children: Children) -> impl IntoView {
    let strength = RwSignal::new(None::<Strength>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let asked = StoredValue::new(0_u32);
    let rate = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let password = input.map(|input| input.value()).unwrap_or_default();
        // The last rating, or a pending one, is for another password.
        strength.set(None);
        asked.update_value(|asked| *asked += 1);
        let question = asked.get_value();
        timer.update_value(|timer| timer.take().iter().for_each(TimeoutHandle::clear));
        if password.is_empty() {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                // The field works without a rating.
                let rating = rating_of(&password).await;
                if asked.get_value() == question {
                    strength.set(rating);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let step = move || strength.get().map_or("0", |strength| ["1", "2", "3", "4", "5"][strength as usize]);
    view! {
        <div class="new-password" on:input=rate>
            {children()}
            <p class="strength" role="status">
                <meter min="0" max="5" low="3" high="4" optimum="5" value=step aria-hidden="true"
                    hidden=move || strength.get().is_none()></meter>
                <span prop:textContent=move || strength.get().map_or("", words::strength)></span>
            </p>
        </div>
    }
}

async fn rating_of(password: &str) -> Option<Strength> {
    let body = UrlSearchParams::new().ok()?;
    body.append("password", password);
    post(RatePassword::PATH, &body).await.ok()
}
