//! What an open page does when its session ends, or is about to.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::IntervalHandle, prelude::*, server_fn::ServerFn};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

use crate::{
    api::Stay,
    browser::{
        drafts,
        page::{self, Arrival},
        post::{self, Fault},
        session_events,
    },
    components::{SignOutForm, icons},
    model::{EndReason, SessionNews, SessionState, Viewer},
    words,
};

/// Time for an answer to arrive: the next page, or the cookie of the next session.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Watches the session for as long as the page stands. The page leaves for sign-in when the session has
/// ended, and asks whether to stay shortly before. The server relies on none of it.
#[island]
pub fn SessionWatch() -> impl IntoView {
    let ending = RwSignal::new(None::<Ending>);
    Effect::new(move |_| watch(ending));
    view! { <EndingDialog ending/> }
}

/// A session about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    seconds: u32,
    extendable: bool,
}

fn watch(ending: RwSignal<Option<Ending>>) {
    let arrival = page::arrival();
    page::on_return(move || spawn_local(look_again(ending)));
    if page::session().is_none() {
        return;
    }
    forget_drafts_at_sign_out();
    request_animation_frame(drafts::restore);
    match arrival {
        Arrival::Fresh => {}
        Arrival::Outdated => return page::reload(),
        // The server has seen no visit yet, and this is one.
        Arrival::Prefetched => spawn_local(async move {
            let _ = stay(ending).await;
        }),
    }
    listen(move |news| react(news, ending));
}

/// Judges again, since the session may have ended while nobody looked.
async fn look_again(ending: RwSignal<Option<Ending>>) {
    let news = match session_events::status().await {
        Ok(news) => news,
        // Whether it may be seen cannot be told here: the server will say.
        Err(_) if page::is_hidden() => return page::reload(),
        Err(_) => return,
    };
    let ended = matches!(news.state, SessionState::Ended { .. });
    if page::session().is_some() {
        react(news, ending);
        if !ended {
            page::reveal();
        }
    } else if ended || !page::judge_for(Viewer::SignedIn { admin: false, recently_authenticated: false }) {
        page::reveal();
    }
}

/// Hands on all news of the session. What is heard while the page is being left must not send it
/// elsewhere: "Sign out" has been pressed, say. But a download begins in the same way, and nobody
/// leaves; so the last of it is handed on later.
fn listen(hear: impl Fn(SessionNews) + Clone + 'static) {
    let leaving = StoredValue::new(false);
    let held = StoredValue::new(None::<SessionNews>);
    let later = hear.clone();
    window_event_listener_untyped("beforeunload", move |_| {
        leaving.set_value(true);
        let later = later.clone();
        let stayed = move || {
            leaving.set_value(false);
            if let Some(news) = held.try_update_value(Option::take).flatten() {
                later(news);
            }
        };
        set_timeout(stayed, ANSWER_TIMEOUT);
    });
    session_events::listen(move |news| {
        if leaving.get_value() {
            held.set_value(Some(news));
        } else {
            hear(news);
        }
    });
}

/// Others may use the browser once somebody has signed out.
fn forget_drafts_at_sign_out() {
    window_event_listener_untyped("submit", |event| {
        let form = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if form.is_some_and(|form| form.class_list().contains("sign-out")) {
            drafts::forget();
        }
    });
}

fn react(news: SessionNews, ending: RwSignal<Option<Ending>>) {
    let another = news.session.is_some() && news.session != page::session();
    match news.state {
        // The end of a session that this page does not have.
        SessionState::Ended { .. } if another => {}
        // Somebody has signed in anew in this browser, perhaps somebody else.
        _ if another => page::start_anew(),
        // The cookie of the next session may still be on its way to the browser.
        SessionState::Ended { reason: Some(EndReason::Replaced) } => {
            set_timeout(page::start_anew, ANSWER_TIMEOUT);
        }
        SessionState::Ended { reason } => {
            // The sign-in page says why.
            page::judge_for(Viewer::Anonymous);
            if reason == Some(EndReason::SignedOut) {
                drafts::forget();
            }
        }
        SessionState::Ending { seconds, extendable } => ending.set(Some(Ending { seconds, extendable })),
        SessionState::Live => ending.set(None),
    }
    session_events::learn_times(news.times);
}

/// Extends the session.
///
/// # Errors
/// If it could not be; a refusal leads elsewhere already.
async fn stay(ending: RwSignal<Option<Ending>>) -> Result<(), Fault> {
    let body = post::empty().ok_or(Fault::UnknownAnswer)?;
    match post::post(Stay::PATH, &body).await {
        Ok(news) => react(news, ending),
        Err(Fault::Error(error)) if page::follow_refusal(error) => {}
        Err(fault) => return Err(fault),
    }
    Ok(())
}

/// Opens while the session is about to end. Its words exist only then.
#[component]
fn EndingDialog(ending: RwSignal<Option<Ending>>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let asking = Memo::new(move |_| ending.get().is_some());
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        if asking.get() {
            // Once its words are there, so that the focus goes to the first button.
            request_animation_frame(move || {
                if asking.get_untracked() {
                    // It fails only for a dialog that is open already.
                    let _ = dialog.show_modal();
                }
            });
        } else {
            dialog.close();
        }
    });
    count_down(ending, asking);
    view! {
        // Closing it by the keyboard means to go on; it is not asked again.
        <dialog node_ref=dialog aria-labelledby="ending-title" on:close=move |_| ending.set(None)>
            {move || asking.get().then(|| view! { <EndingWords ending/> })}
        </dialog>
    }
}

#[component]
fn EndingWords(ending: RwSignal<Option<Ending>>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(None::<Fault>);
    let extendable = move || ending.get().is_none_or(|ending| ending.extendable);
    let extend = move |_| {
        busy.set(true);
        spawn_local(async move {
            fault.set(stay(ending).await.err());
            busy.set(false);
        });
    };
    let close = move |_| ending.set(None);
    view! {
        <div role="alert">
            {move || fault.get().map(|fault| view! { <p class="form-error"><icons::Warning/>{fault.words()}</p> })}
        </div>
        <h2 id="ending-title">
            {move || if extendable() { "Are you still there?" } else { "Your session is about to end" }}
        </h2>
        <p>
            {move || if extendable() { "" } else { "A session lasts only so long, even if it is used. " }}
            "You will be signed out in "
            <span role="timer">{move || ending.get().map(|ending| words::remaining(ending.seconds))}</span>
            ". What you have typed here is kept, except passwords."
        </p>
        <div class="actions">
            {move || if extendable() {
                view! { <button type="button" class="primary" disabled=busy on:click=extend>"Stay signed in"</button> }.into_any()
            } else {
                view! { <button type="button" class="primary" on:click=close>"Close"</button> }.into_any()
            }}
            <SignOutForm/>
        </div>
    }
}

/// Takes a second off every second.
fn count_down(ending: RwSignal<Option<Ending>>, asking: Memo<bool>) {
    let tick = move || {
        ending.update(|ending| {
            if let Some(ending) = ending {
                ending.seconds = ending.seconds.saturating_sub(1);
            }
        });
    };
    Effect::new(move |ticking: Option<Option<IntervalHandle>>| {
        ticking.flatten().inspect(IntervalHandle::clear);
        asking.get().then(|| set_interval_with_handle(tick, Duration::from_secs(1)).ok()).flatten()
    });
}
