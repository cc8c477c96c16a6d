//! The access policy, applied to navigation in the browser.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_location, hooks::use_navigate};

use crate::{
    access::{self, Verdict},
    model::{AppError, Viewer},
};

/// Shows its page to those who may see it and sends the others where the policy says.
///
/// This is for convenience: on the server the middleware has judged before anything is rendered,
/// and every server function judges again.
#[component]
pub fn Guard(children: Children) -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    let verdict = match access::of(&path) {
        Some(access) => access::judge(access, &expect_context::<Viewer>()),
        None => Verdict::Forbidden,
    };
    if let Some(destination) = access::destination(verdict, &wanted(&path, &location.search.get_untracked()))
    {
        let navigate = use_navigate();
        Effect::new(move |_| {
            navigate(&destination, NavigateOptions { replace: true, ..Default::default() });
        });
    }
    match verdict {
        Verdict::Allow => children().into_any(),
        Verdict::Forbidden => view! { <p role="alert">{AppError::Forbidden.words()}</p> }.into_any(),
        // On the way to somewhere else.
        Verdict::SignIn | Verdict::Confirm | Verdict::Home => ().into_any(),
    }
}

fn wanted(path: &str, search: &str) -> String {
    if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") }
}
