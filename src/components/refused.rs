//! Where a refusal leads.

use leptos::prelude::*;

use crate::{
    access, browser,
    model::{AppError, Viewer},
};

/// Goes to sign-in, or to where one proves again who one is, if that is what the error asks for; says
/// whether it does. One comes back to this page, with what was typed and not sent.
pub fn follow(error: AppError, viewer: &Viewer) -> bool {
    let Some(destination) = access::way_out(error, &browser::place()) else { return false };
    if let Some(account) = viewer.account() {
        browser::drafts::keep(&account.email);
    }
    browser::leave_for(&destination);
    true
}

/// In place of what could not be loaded. The session may have ended since the document was: then the
/// way leads to sign-in.
#[component]
pub fn Failure(error: AppError) -> impl IntoView {
    let viewer = expect_context::<Viewer>();
    Effect::new(move |_| follow(error, &viewer));
    view! { <p class="form-error" role="alert">{error.words()}</p> }
}
