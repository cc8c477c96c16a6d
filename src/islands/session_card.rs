//! The card of the current session, with times that stay up to date.

use std::{cell::RefCell, rc::Rc, time::Duration};

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
    // If the times cannot be read, the card stays as it was rendered.
    let times: SessionTimes = times.unwrap_or_else(|| wasm_bindgen::throw_str("the card has no times"));
    let (now, extendable) = (times.now, times.extendable);
    let SessionTimes { started, last_active, ends, .. } = times.clone();
    let texts = Texts::new(&times, now);
    page::after_hydration(move || keep_current(times, ServerClock::from_page(now)));
    view! {
        <dl class="facts" data-now=now.to_string() data-extendable=extendable.to_string()>
            <div><dt inner_html=words::home::DEVICE></dt><dd>{children()}</dd></div>
            <div>
                <dt inner_html=words::home::STARTED></dt>
                <dd><LiveTime time=started text=texts.started/></dd>
            </div>
            <div>
                <dt inner_html=words::home::LAST_ACTIVE></dt>
                <dd><LiveTime time=last_active text=texts.last_active/></dd>
            </div>
            <div>
                <dt inner_html=words::home::ENDS></dt>
                <dd><LiveTime time=ends text=texts.ends/><span inner_html=ends_by(extendable)></span></dd>
            </div>
        </dl>
    }
}

/// A time of the card. Its text is set as a property, since a translator may have replaced it by other
/// elements, and hydration does not look inside. (What is set as HTML comes from `words`.)
#[component]
fn LiveTime(time: DisplayTime, text: String) -> impl IntoView {
    view! { <time data-at=time.at.to_string() datetime=time.machine title=time.exact inner_html=text></time> }
}

/// The texts of the card, which change as time passes.
#[derive(Debug, PartialEq, Eq)]
struct Texts {
    started: String,
    last_active: String,
    ends: String,
}

impl Texts {
    fn new(times: &SessionTimes, now: i64) -> Self {
        Self {
            started: words::relative(times.started.at, now),
            last_active: words::relative(times.last_active.at, now),
            ends: words::countdown(times.ends.at, now),
        }
    }
}

fn ends_by(extendable: bool) -> &'static str {
    if extendable { words::home::WITHOUT_ACTIVITY } else { "" }
}

/// What the card shows in the browser.
struct Card {
    times: SessionTimes,
    clock: ServerClock,
    texts: Texts,
}

/// Rewrites the card every second, and when newer times of the session are received. It has no signals,
/// since the server would create and dispose of them for every page.
fn keep_current(times: SessionTimes, clock: ServerClock) {
    let texts = Texts::new(&times, times.now);
    let card = Rc::new(RefCell::new(Card { times, clock, texts }));
    let ticking = Rc::clone(&card);
    // Fails only outside of a browser.
    let _ = set_interval_with_handle(move || ticking.borrow_mut().tick(), TICK);
    session_events::on_times(move |times| card.borrow_mut().update(times));
}

impl Card {
    fn tick(&mut self) {
        let texts = Texts::new(&self.times, self.clock.now());
        if self.texts != texts {
            self.texts = texts;
            let _ = self.write();
        }
    }

    fn update(&mut self, times: &SessionTimes) {
        self.clock = ServerClock::from_response(times.now);
        self.texts = Texts::new(times, self.clock.now());
        self.times = times.clone();
        let _ = self.write();
    }

    /// Writes what has changed into the elements. A card that was removed from the page is left alone.
    fn write(&self) -> Option<()> {
        let (card, elements) = elements()?;
        set_attribute(&card, "data-extendable", &self.times.extendable.to_string());
        let Self { times, texts, .. } = self;
        let shown = [
            (&times.started, &texts.started),
            (&times.last_active, &texts.last_active),
            (&times.ends, &texts.ends),
        ];
        for (element, (time, text)) in elements.iter().zip(shown) {
            set_attribute(element, "data-at", &time.at.to_string());
            set_attribute(element, "datetime", &time.machine);
            set_attribute(element, "title", &time.exact);
            set_text(element, text);
        }
        set_text(&elements[2].next_element_sibling()?, ends_by(times.extendable));
        Some(())
    }
}

fn set_attribute(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let _ = element.set_attribute(name, value);
    }
}

fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// The card and its three times, in the order of [`Texts`].
fn elements() -> Option<(Element, [Element; 3])> {
    let card = document().query_selector("dl[data-now]").ok()??;
    let found = card.query_selector_all("time").ok()?;
    let time = |index| found.item(index)?.dyn_into().ok();
    Some((card, [time(0)?, time(1)?, time(2)?]))
}

/// What the server wrote into the card.
fn rendered_times() -> Option<SessionTimes> {
    let (card, elements) = elements()?;
    let time = |element: &Element| {
        let (machine, exact) = (element.get_attribute("datetime")?, element.get_attribute("title")?);
        Some(DisplayTime { at: element.get_attribute("data-at")?.parse().ok()?, machine, exact })
    };
    let [started, last_active, ends] = &elements;
    Some(SessionTimes {
        now: card.get_attribute("data-now")?.parse().ok()?,
        started: time(started)?,
        last_active: time(last_active)?,
        ends: time(ends)?,
        extendable: card.get_attribute("data-extendable")? == "true",
    })
}
