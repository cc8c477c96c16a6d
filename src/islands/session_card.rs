//! The card of the current session, with times that stay up to date.

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
/// a context; the browser reads them from what was rendered, and then follows the session events.
#[island]
pub fn SessionCard(children: Children) -> impl IntoView {
    let times = if is_browser() { rendered_times() } else { use_context() };
    // What cannot be read is left as it is.
    let times: SessionTimes = times.unwrap_or_else(|| wasm_bindgen::throw_str("the card has no times"));
    let rendered = times.now;
    let shown = RwSignal::new(Shown::new(times, rendered));
    page::after_hydration(move || keep_true(shown, ServerClock::from_page(rendered)));
    let ends_by = move || shown.with(|shown| shown.ends_by());
    view! {
        <dl class="facts" data-now=rendered.to_string()
            data-extendable=move || shown.with(|shown| shown.times.extendable.to_string())>
            <div><dt inner_html=words::home::DEVICE></dt><dd>{children()}</dd></div>
            <div>
                <dt inner_html=words::home::STARTED></dt>
                <dd><LiveTime shown pick=|shown| (&shown.times.started, &shown.started)/></dd>
            </div>
            <div>
                <dt inner_html=words::home::LAST_ACTIVE></dt>
                <dd><LiveTime shown pick=|shown| (&shown.times.last_active, &shown.last_active)/></dd>
            </div>
            <div>
                <dt inner_html=words::home::ENDS></dt>
                <dd>
                    <LiveTime shown pick=|shown| (&shown.times.ends, &shown.ends)/>
                    <span inner_html=untrack(ends_by) prop:textContent=ends_by></span>
                </dd>
            </div>
        </dl>
    }
}

/// A time of the card. Its text is a property of the element, since a translator may have replaced the text
/// by other elements, and hydration does not look inside. (What is set as HTML comes from `words`.)
#[component]
fn LiveTime(shown: RwSignal<Shown>, pick: fn(&Shown) -> (&DisplayTime, &String)) -> impl IntoView {
    let text = move || shown.with(|shown| pick(shown).1.clone());
    view! {
        <time data-at=move || shown.with(|shown| pick(shown).0.at.to_string())
            datetime=move || shown.with(|shown| pick(shown).0.machine.clone())
            title=move || shown.with(|shown| pick(shown).0.exact.clone())
            inner_html=untrack(text) prop:textContent=text></time>
    }
}

/// What the card says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    times: SessionTimes,
    started: String,
    last_active: String,
    ends: String,
}

impl Shown {
    fn new(times: SessionTimes, now: i64) -> Self {
        Self {
            started: words::relative(times.started.at, now),
            last_active: words::relative(times.last_active.at, now),
            ends: words::countdown(times.ends.at, now),
            times,
        }
    }

    fn ends_by(&self) -> &'static str {
        if self.times.extendable { words::home::WITHOUT_ACTIVITY } else { "" }
    }
}

/// Lets the clock run, and takes over what is learned of the session. What would say the same is not
/// written again.
fn keep_true(shown: RwSignal<Shown>, clock: ServerClock) {
    let clock = StoredValue::new(clock);
    let show = move |times: SessionTimes| {
        let next = Shown::new(times, clock.get_value().now());
        if shown.with_untracked(|shown| *shown != next) {
            shown.set(next);
        }
    };
    // Fails only outside of a browser.
    let _ = set_interval_with_handle(move || show(shown.with_untracked(|shown| shown.times.clone())), TICK);
    session_events::on_times(move |times| {
        clock.set_value(ServerClock::from_response(times.now));
        show(times.clone());
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
