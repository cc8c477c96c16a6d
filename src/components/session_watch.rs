//! What an open page does when its session ends, or is about to.

use std::time::Duration;

use leptos::{html, prelude::*};

use super::{layout::SignOutForm, refused::follow};
use crate::{
    api::Stay,
    browser,
    model::{AppError, SessionNews, SessionState, Viewer},
};

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
    Effect::new(move |_| {
        let viewer = listener.clone();
        if let Some(account) = viewer.account() {
            browser::drafts::restore(&account.email);
        }
        browser::news::listen(move |news| react(&viewer, &news, ending));
    });
    view! { <EndingDialog viewer ending/> }
}

/// A session about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    seconds: u32,
    prolongable: bool,
}

fn react(viewer: &Viewer, news: &SessionNews, ending: RwSignal<Option<Ending>>) {
    let ours = viewer.account().map(|account| &account.session);
    match news.state {
        // The sign-in page says why.
        SessionState::Ended { .. } => {
            follow(AppError::SignInRequired, viewer);
        }
        // Somebody has signed in anew in this browser, perhaps somebody else.
        _ if news.session.as_ref() != ours => {
            if let Some(account) = viewer.account() {
                browser::drafts::keep(&account.email);
            }
            browser::reload();
        }
        SessionState::Ending { seconds, prolongable } => ending.set(Some(Ending { seconds, prolongable })),
        SessionState::Live => ending.set(None),
    }
}

#[component]
fn EndingDialog(viewer: Viewer, ending: RwSignal<Option<Ending>>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let stay = ServerAction::<Stay>::new();
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match ending.get() {
            // It fails only for a dialog that is open already.
            Some(_) => _ = dialog.show_modal(),
            None => dialog.close(),
        }
    });
    Effect::new(move |_| match stay.value().get() {
        Some(Ok(())) => ending.set(None),
        // If it is another fault, the stream tells when the session ends.
        Some(Err(error)) => {
            follow(error, &viewer);
        }
        None => {}
    });
    count_down(ending);
    view! {
        <dialog node_ref=dialog class="notice-dialog" aria-labelledby="ending-title">
            <Show when=move || ending.get().is_some()>
                <EndingWords ending stay/>
            </Show>
        </dialog>
    }
}

#[component]
fn EndingWords(ending: RwSignal<Option<Ending>>, stay: ServerAction<Stay>) -> impl IntoView {
    let prolongable = move || ending.get().is_none_or(|ending| ending.prolongable);
    view! {
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
fn count_down(ending: RwSignal<Option<Ending>>) {
    let tick = move || {
        ending.update(|ending| {
            if let Some(ending) = ending {
                ending.seconds = ending.seconds.saturating_sub(1);
            }
        });
    };
    let counting = Memo::new(move |_| ending.get().is_some());
    Effect::new(move |ticking: Option<Option<IntervalHandle>>| {
        ticking.flatten().inspect(IntervalHandle::clear);
        counting.get().then(|| set_interval_with_handle(tick, Duration::from_secs(1)).ok()).flatten()
    });
}

fn words(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (minutes, seconds) => format!("{minutes}:{seconds:02} minutes"),
    }
}
