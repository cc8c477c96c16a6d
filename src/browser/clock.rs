//! The time by the server's clock, since the browser's clock may be wrong.

use std::time::Duration;

use js_sys::{Date, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::PerformanceNavigationTiming;

/// The server's clock, estimated as an offset from the browser's.
#[derive(Clone, Copy, Debug)]
pub struct ServerClock {
    /// Milliseconds to add to the browser's clock.
    offset: i64,
}

impl ServerClock {
    /// From the time in a response that has just arrived.
    pub fn from_response(server_now: i64) -> Self {
        Self { offset: server_now.saturating_sub(browser_now()) }
    }

    /// From the time at which the page was rendered, taken as the arrival of its first byte.
    pub fn from_page(rendered_at: i64) -> Self {
        Self::from_response(rendered_at.saturating_add(page_age()))
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(self) -> i64 {
        browser_now().saturating_add(self.offset)
    }
}

/// By the browser's own clock, which may be wrong: for durations.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far from the limits")]
pub fn browser_now() -> i64 {
    Date::now() as i64
}

pub async fn sleep(duration: Duration) {
    let elapsed = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::NULL)), duration);
    });
    let _ = JsFuture::from(elapsed).await;
}

/// Milliseconds since the first byte of the page arrived.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn page_age() -> i64 {
    let Some(performance) = window().performance() else { return 0 };
    let response_start = navigation().map_or(0.0, |navigation| navigation.response_start());
    (performance.now() - response_start).max(0.0) as i64
}

/// Whether the browser loaded the page from a prefetch.
pub fn was_prefetched() -> bool {
    let delivery = navigation()
        .and_then(|navigation| Reflect::get(&navigation, &JsValue::from_str("deliveryType")).ok());
    delivery.and_then(|delivery| delivery.as_string()).as_deref() == Some("navigational-prefetch")
}

fn navigation() -> Option<PerformanceNavigationTiming> {
    window().performance()?.get_entries_by_type("navigation").get(0).dyn_into().ok()
}
