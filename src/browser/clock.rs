//! The time, by the server's clock: the browser's may be wrong by hours.

use js_sys::{Date, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::PerformanceNavigationTiming;

/// The server's clock, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct ServerClock {
    /// Milliseconds to add to the browser's clock.
    ahead: i64,
}

impl ServerClock {
    /// Set by an answer that has just arrived.
    pub fn set(server_now: i64) -> Self {
        Self { ahead: server_now.saturating_sub(browser_now()) }
    }

    /// Set by the page, which was rendered when its first byte arrived.
    pub fn set_by_page(rendered: i64) -> Self {
        Self::set(rendered.saturating_add(age_of_page()))
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(self) -> i64 {
        browser_now().saturating_add(self.ahead)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far from the limits")]
fn browser_now() -> i64 {
    Date::now() as i64
}

/// Milliseconds since the first byte of the page arrived.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn age_of_page() -> i64 {
    let Some(performance) = window().performance() else { return 0 };
    let arrived = navigation().map_or(0.0, |navigation| navigation.response_start());
    (performance.now() - arrived).max(0.0) as i64
}

/// Whether the browser took the page from a prefetch.
pub fn was_prefetched() -> bool {
    let delivery = navigation()
        .and_then(|navigation| Reflect::get(&navigation, &JsValue::from_str("deliveryType")).ok());
    delivery.and_then(|delivery| delivery.as_string()).as_deref() == Some("navigational-prefetch")
}

fn navigation() -> Option<PerformanceNavigationTiming> {
    window().performance()?.get_entries_by_type("navigation").get(0).dyn_into().ok()
}
