//! What an open page does when its session ends, or is about to.

use std::time::Duration;

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use super::{FormError, layout::SignOutForm, refused::follow};
use crate::{
    api::Stay,
    browser,
    model::{AppError, EndReason, SessionNews, SessionState, SignedIn, Viewer},
};

/// Time for an answer to arrive: the next page, or the cookie of the next session.
const PATIENCE: Duration = Duration::from_secs(10);

/// Listens for news of the session as long as the document lives. The page leaves for sign-in when
/// the session has ended, and asks whether to stay shortly before. The server relies on none of it.
#[component]
pub fn SessionWatch() -> impl IntoView {
    let viewer = expect_context::<Viewer>();
    viewer.account().is_some().then(|| view! { <Watch viewer=viewer.clone()/> })
}

#[component]
fn Watch(viewer: Viewer) -> impl IntoView {
    let ending = RwSignal::new(None::<Ending>);
    let listener = viewer.clone();
    let known = expect_context::<Option<SessionNews>>();
    Effect::new(move |_| {
        let viewer = listener.clone();
        if let Some(news) = &known {
            react(&viewer, news, ending);
        }
        listen(move |news| react(&viewer, news, ending));
    });
    give_back_drafts(&viewer);
    view! { <EndingDialog viewer ending/> }
}

/// Hands on all news of the session. What is heard on the way out must not send the page elsewhere:
/// "Sign out" has been pressed, say. But a download begins like a departure, and nobody leaves; so the
/// last of it is handed on later.
fn listen(tell: impl Fn(&SessionNews) + Clone + 'static) {
    let leaving = StoredValue::new(false);
    let held = StoredValue::new(None::<SessionNews>);
    let later = tell.clone();
    browser::on_leaving(move || {
        leaving.set_value(true);
        let later = later.clone();
        let stayed = move || {
            leaving.set_value(false);
            if let Some(news) = held.try_update_value(Option::take).flatten() {
                later(&news);
            }
        };
        set_timeout(stayed, PATIENCE);
    });
    browser::news::listen(move |news| {
        if leaving.get_value() {
            held.set_value(Some(news));
        } else {
            tell(&news);
        }
    });
}

/// Whenever one comes to a page, once it is drawn.
fn give_back_drafts(viewer: &Viewer) {
    let Some(email) = viewer.account().map(|account| account.email.clone()) else { return };
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        location.search.track();
        let email = email.clone();
        request_animation_frame(move || browser::drafts::restore(&email));
    });
}

/// A session about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    seconds: u32,
    prolongable: bool,
}

fn react(viewer: &Viewer, news: &SessionNews, ending: RwSignal<Option<Ending>>) {
    let Some(account) = viewer.account() else { return };
    let another = news.session.as_ref().is_some_and(|session| *session != account.session);
    match news.state {
        // The end of a session that this page does not have.
        SessionState::Ended { .. } if another => {}
        // Somebody has signed in anew in this browser, perhaps somebody else.
        _ if another => start_anew(account),
        // The cookie of the next session may still be on its way to the browser.
        SessionState::Ended { reason: Some(EndReason::Replaced) } => {
            let account = account.clone();
            set_timeout(move || start_anew(&account), PATIENCE);
        }
        SessionState::Ended { reason } => {
            // The sign-in page says why.
            follow(AppError::SignInRequired, viewer);
            if reason == Some(EndReason::SignedOut) {
                browser::drafts::forget();
            }
        }
        SessionState::Ending { seconds, prolongable } => ending.set(Some(Ending { seconds, prolongable })),
        SessionState::Live => ending.set(None),
    }
}

/// Loads the page anew, for whoever is signed in now.
fn start_anew(account: &SignedIn) {
    browser::drafts::keep(&account.email);
    browser::reload();
}

#[component]
fn EndingDialog(viewer: Viewer, ending: RwSignal<Option<Ending>>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let stay = ServerAction::<Stay>::new();
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
            stay.clear();
        }
    });
    Effect::new(move |_| match stay.value().get() {
        Some(Ok(news)) => react(&viewer, &news, ending),
        Some(Err(error)) => {
            follow(error, &viewer);
        }
        None => {}
    });
    count_down(ending, asking);
    view! {
        // Whoever closes it by the keyboard goes on; it is not asked again.
        <dialog node_ref=dialog aria-labelledby="ending-title" on:close=move |_| ending.set(None)>
            <Show when=move || ending.get().is_some()>
                <EndingWords ending stay/>
            </Show>
        </dialog>
    }
}

#[component]
fn EndingWords(ending: RwSignal<Option<Ending>>, stay: ServerAction<Stay>) -> impl IntoView {
    let prolongable = move || ending.get().is_none_or(|ending| ending.prolongable);
    let fault = move || stay.value().get().and_then(Result::err).map(AppError::words);
    view! {
        <FormError text=Signal::derive(fault)/>
        <h2 id="ending-title">
            {move || if prolongable() { "Are you still there?" } else { "Your session is about to end" }}
        </h2>
        <p>
            {move || if prolongable() {
                "You will be signed out in "
            } else {
                "A session lasts only so long, even if it is used. You will be signed out in "
            }}
            <span role="timer">{move || ending.get().map(|ending| words(ending.seconds))}</span>
            ". What you have typed here is kept, except passwords."
        </p>
        <div class="actions">
            <Show
                when=prolongable
                fallback=move || view! {
                    <button type="button" class="primary" on:click=move |_| ending.set(None)>"Close"</button>
                }
            >
                <button
                    type="button"
                    class="primary"
                    disabled=move || stay.pending().get()
                    on:click=move |_| {
                        stay.dispatch(Stay {});
                    }
                >
                    "Stay signed in"
                </button>
            </Show>
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

fn words(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (minutes, seconds) => format!("{minutes}:{seconds:02} minutes"),
    }
}
