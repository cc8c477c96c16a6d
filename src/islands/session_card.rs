//! The session that looks at the home page, with times that stay true.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::{
    browser::{clock::ServerClock, page, session_events},
    model::{DisplayTime, SessionTimes},
    words,
};

/// How often the times are worded anew: the end counts down by the second.
const TICK: Duration = Duration::from_secs(1);

/// Device (its children), start, last activity and end of the session. The server provides the times as
/// a context; the browser reads them from what was rendered, and then follows what the session watch
/// learns.
#[island]
pub fn SessionCard(children: Children) -> impl IntoView {
    let rendered = if is_browser() { rendered_times() } else { use_context::<SessionTimes>() };
    let now = RwSignal::new(rendered.as_ref().map_or(0, |times| times.now));
    let times = RwSignal::new(rendered);
    page::once_hydrated(move || keep_true(times, now));
    let extendable = move || times.with(|times| times.as_ref().is_some_and(|times| times.extendable));
    view! {
        <dl class="facts" data-now=now.get_untracked().to_string() data-extendable=move || extendable().to_string()>
            <div><dt>"Device"</dt><dd>{children()}</dd></div>
            <div><dt>"Started"</dt><dd><LiveTime times now pick=|times| &times.started word=words::relative/></dd></div>
            <div><dt>"Last active"</dt><dd><LiveTime times now pick=|times| &times.last_active word=words::relative/></dd></div>
            <div>
                <dt>"Ends"</dt>
                <dd>
                    <LiveTime times now pick=|times| &times.ends word=words::countdown/>
                    <span>{move || if extendable() { " without activity" } else { "" }}</span>
                </dd>
            </div>
        </dl>
    }
}

/// One of the times, worded against the clock.
#[component]
fn LiveTime(
    times: RwSignal<Option<SessionTimes>>,
    now: RwSignal<i64>,
    pick: fn(&SessionTimes) -> &DisplayTime,
    word: fn(i64, i64) -> String,
) -> impl IntoView {
    let show = move |text: fn(&DisplayTime) -> String| {
        times.with(|times| times.as_ref().map(|times| text(pick(times))).unwrap_or_default())
    };
    let at = move || times.with(|times| times.as_ref().map_or(0, |times| pick(times).at));
    view! {
        <time data-at=move || at().to_string() datetime=move || show(|time| time.machine.clone())
            title=move || show(|time| time.exact.clone())>
            {move || word(at(), now.get())}
        </time>
    }
}

/// Lets the clock run, and takes over what is learned of the session.
fn keep_true(times: RwSignal<Option<SessionTimes>>, now: RwSignal<i64>) {
    let clock = StoredValue::new(ServerClock::set_by_page(now.get_untracked()));
    let tick = move || now.set(clock.get_value().now());
    tick();
    // Fails only outside of a browser.
    let _ = set_interval_with_handle(tick, TICK);
    session_events::on_times(move |latest| {
        clock.set_value(ServerClock::set(latest.now));
        now.set(latest.now);
        times.set(Some(latest.clone()));
    });
}

/// What the server wrote into the card.
fn rendered_times() -> Option<SessionTimes> {
    let card = document().query_selector("dl[data-now]").ok()??;
    let elements = card.query_selector_all("time").ok()?;
    let time = |index| {
        let element: Element = elements.item(index)?.dyn_into().ok()?;
        let (machine, exact) = (element.get_attribute("datetime")?, element.get_attribute("title")?);
        Some(DisplayTime { at: element.get_attribute("data-at")?.parse().ok()?, machine, exact })
    };
    Some(SessionTimes {
        now: card.get_attribute("data-now")?.parse().ok()?,
        started: time(0)?,
        last_active: time(1)?,
        ends: time(2)?,
        extendable: card.get_attribute("data-extendable")? == "true",
    })
}
