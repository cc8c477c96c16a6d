//! The frames that pages stand in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{icons::Mark, notice::FlashNotice};
use crate::{api::SignOut, browser, model::Viewer};

/// The pages on the way in: the form, and on wide screens the doorway beside it.
#[component]
pub fn EntryLayout(title: &'static str, lead: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Vestibule")/>
        <div class="entry">
            <aside class="doorway" aria-hidden="true"><Doorway/></aside>
            <main class="entry-main">
                <p class="brand"><a href="/"><Mark/>"Vestibule"</a></p>
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </main>
        </div>
    }
}

/// The pages of somebody who is signed in; each has the way out.
#[component]
pub fn PageLayout(title: &'static str, children: Children) -> impl IntoView {
    let viewer = expect_context::<Viewer>();
    let name = viewer.account().map(|account| account.name.clone());
    view! {
        <Title text=format!("{title} · Vestibule")/>
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <header class="top">
            // A document load: where one is already, it says whether the session still lives.
            <p class="brand"><a href="/" rel="external"><Mark/>"Vestibule"</a></p>
            <div class="top-end">
                <bdi class="who">{name}</bdi>
                <SignOutForm/>
            </div>
        </header>
        <Navigation/>
        <main id="main" class="page" tabindex="-1">
            <FlashNotice/>
            {children()}
        </main>
    }
}

/// A page with nothing but a message.
#[component]
pub fn PlainLayout(children: Children) -> impl IntoView {
    view! {
        <main class="plain">
            <p class="brand"><a href="/" rel="external"><Mark/>"Vestibule"</a></p>
            {children()}
        </main>
    }
}

/// The pages of an account, the one at hand marked.
#[component]
fn Navigation() -> impl IntoView {
    const PAGES: [(&str, &str); 5] = [
        ("/", "Home"),
        ("/account", "Account"),
        ("/account/security", "Security"),
        ("/account/sessions", "Sessions"),
        ("/account/activity", "Activity"),
    ];
    let here = use_location().pathname;
    let link = move |(path, name): (&'static str, &'static str)| {
        let current = move || here.with(|here| (here == path).then_some("page"));
        view! { <li><a href=path aria-current=current>{name}</a></li> }
    };
    view! {
        <nav class="places" aria-label="Account">
            <ul>{PAGES.into_iter().map(link).collect_view()}</ul>
        </nav>
    }
}

/// A plain form on purpose: signing out is a full document load.
#[component]
pub fn SignOutForm() -> impl IntoView {
    use leptos::server_fn::ServerFn;
    view! {
        <form method="post" action=SignOut::PATH on:submit=|_| browser::drafts::forget()>
            <button type="submit" class="quiet">"Sign out"</button>
        </form>
    }
}

/// Arches within arches, light at the end.
#[component]
fn Doorway() -> impl IntoView {
    let arches = (0..6).map(|depth| {
        let inset = f64::from(depth) * 30.0;
        let (left, right, spring) = (20.0 + inset, 380.0 - inset, 230.0 + inset * 0.9);
        let radius = (right - left) / 2.0;
        let outline = format!("M{left} 640V{spring}a{radius} {radius} 0 0 1 {} 0V640z", right - left);
        view! { <path class=format!("arch arch-{depth}") d=outline/> }
    });
    view! {
        <svg viewBox="0 0 400 640" preserveAspectRatio="xMidYMax meet" focusable="false">
            {arches.collect_view()}
            <path class="floor" d="M0 640 170 560h60l170 80z"/>
        </svg>
    }
}
