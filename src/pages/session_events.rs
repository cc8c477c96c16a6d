use std::sync::OnceLock;

use leptos::prelude::*;

use super::rendered_once::rendered_once;
use crate::{
    components::ErrorBox,
    islands::{SessionEventListener, SignOutForm},
    words,
};

/// Listens to session events, on every page. A page of a session has the dialogs that may open before the
/// session ends.
#[component]
pub fn SessionEvents(has_session: bool) -> impl IntoView {
    static DIALOGS: OnceLock<String> = OnceLock::new();
    let dialogs = has_session.then(|| rendered_once(&DIALOGS, || view! { <Dialogs/> }));
    view! { <SessionEventListener>{dialogs}</SessionEventListener> }
}

#[component]
fn Dialogs() -> impl IntoView {
    let timer = || view! { <span role="timer"></span> };
    let [before, after] = words::session_end::SIGNED_OUT_IN;
    view! {
        <dialog id="session-ends" aria-labelledby="session-ends-title">
            <ErrorBox error=None/>
            <h2 id="session-ends-title">{words::session_end::STILL_THERE}</h2>
            <p>{before}{timer()}{after}</p>
            <div class="actions">
                <button type="button" class="primary stay">{words::session_end::STAY}</button>
                <SignOutForm/>
            </div>
        </dialog>
        <dialog id="session-ends-for-good" aria-labelledby="session-ends-for-good-title">
            <h2 id="session-ends-for-good-title">{words::session_end::ABOUT_TO_END}</h2>
            <p>{words::session_end::MAXIMUM_LENGTH}{before}{timer()}{after}</p>
            <div class="actions">
                <form method="dialog">
                    <button type="submit" class="primary">{words::session_end::CLOSE}</button>
                </form>
                <SignOutForm/>
            </div>
        </dialog>
    }
}
