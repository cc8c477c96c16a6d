//! Choosing a password.

use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*};

use super::PasswordField;
use crate::{
    api::RatePassword,
    model::{Field, PASSWORD_LEAST, Problem, Strength},
};

/// Pause in typing after which the strength is asked for.
const PAUSE: Duration = Duration::from_millis(300);

/// A field for a new password, with what is asked of it and how hard it would be to guess.
#[component]
pub fn NewPasswordField(
    #[prop(optional, default = Field::Password)] field: Field,
    #[prop(optional, default = "Password")] label: &'static str,
    #[prop(into)] problem: Signal<Option<Problem>>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let rating = ServerAction::<RatePassword>::new();
    let under_way = StoredValue::new(None::<ActionAbortHandle>);
    let mut rate = debounce(PAUSE, move |password: String| {
        if !password.is_empty() {
            under_way.set_value(Some(rating.dispatch(RatePassword { password })));
        }
    });
    let mut follow = move |password: String| {
        // What is known, or still asked, is about another password.
        if let Some(asked) = under_way.try_update_value(Option::take).flatten() {
            asked.abort();
        }
        rating.clear();
        rate(password);
    };
    Effect::new(move |_| follow(typed.get()));
    let strength = Signal::derive(move || {
        // No rating is no fault: the field works without.
        rating.value().get().and_then(Result::ok).flatten()
    });
    let hint = format!("At least {PASSWORD_LEAST} characters. A few unrelated words make a good one.");
    view! {
        <div class="new-password">
            <PasswordField field label autocomplete="new-password" hint problem typed/>
            <p class="strength" role="status">
                {move || strength.get().map(|strength| view! { <Rating strength/> })}
            </p>
        </div>
    }
}

#[component]
fn Rating(strength: Strength) -> impl IntoView {
    let (steps, words) = match strength {
        Strength::Trivial => (1, "Very easy to guess"),
        Strength::Weak => (2, "Easy to guess"),
        Strength::Fair => (3, "Could be stronger"),
        Strength::Good => (4, "Good"),
        Strength::Strong => (5, "Strong"),
    };
    view! {
        <meter min="0" max="5" low="3" high="4" optimum="5" value=steps aria-hidden="true"></meter>
        <span>{words}</span>
    }
}
