use leptos::{prelude::*, server_fn::ServerFn};

use crate::{api::SignOut, words};

/// Native on purpose: signing out is a full document load. Drafts are discarded when a form of this class is
/// submitted.
#[component]
pub fn SignOutForm() -> impl IntoView {
    view! {
        <form method="post" action=SignOut::PATH class="sign-out">
            <button type="submit" class="quiet">{words::layout::SIGN_OUT}</button>
        </form>
    }
}
