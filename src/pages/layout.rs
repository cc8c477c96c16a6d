//! The frames that pages stand in.

use leptos::prelude::*;

use crate::{
    components::{Notice, NoticeIcon, icons},
    islands::SignOutForm,
    pages::Page,
    words,
};

/// The pages for visitors without a session: the form, and on wide screens the doorway beside it.
#[component]
pub fn AuthLayout(children: Children) -> impl IntoView {
    view! {
        <div class="auth">
            <aside class="doorway" aria-hidden="true"><Doorway/></aside>
            <main class="auth-main">
                <Brand/>
                {children()}
            </main>
        </div>
    }
}

/// The pages of an account; each has the way to sign out.
#[component]
pub fn PageLayout(
    /// The name of the account.
    name: String,
    /// The pages in the navigation.
    navigation: Vec<&'static Page>,
    /// The path of this page.
    current: &'static str,
    /// What the form that led here has done.
    notice: Option<String>,
    children: Children,
) -> impl IntoView {
    let link = |page: &'static Page| {
        let current = (page.path == current).then_some("page");
        view! { <li><a href=page.path aria-current=current>{page.title}</a></li> }
    };
    view! {
        <a class="skip" href="#main">{words::layout::SKIP_TO_CONTENT}</a>
        <header class="top">
            <Brand/>
            <div class="top-end">
                <bdi class="who">{name}</bdi>
                <SignOutForm/>
            </div>
        </header>
        <nav class="places" aria-label=words::layout::NAVIGATION>
            <ul>{navigation.into_iter().map(link).collect_view()}</ul>
        </nav>
        <main id="main" class="page" tabindex="-1">
            {notice.map(|text| view! { <Notice text icon=NoticeIcon::Tick/> })}
            {children()}
        </main>
    }
}

/// A page with nothing but a message.
#[component]
pub fn PlainLayout(children: Children) -> impl IntoView {
    view! {
        <main class="plain">
            <Brand/>
            {children()}
        </main>
    }
}

#[component]
fn Brand() -> impl IntoView {
    view! { <p class="brand"><a href="/"><icons::Mark/>{words::PRODUCT}</a></p> }
}

/// Arches within arches, light at the end.
#[component]
fn Doorway() -> impl IntoView {
    let arch = |depth: u32| {
        let inset = depth * 30;
        let (left, width, spring) = (20 + inset, 360 - 2 * inset, 230 + inset * 9 / 10);
        let radius = width / 2;
        let outline = format!("M{left} 640V{spring}a{radius} {radius} 0 0 1 {width} 0V640z");
        view! { <path class=format!("arch arch-{depth}") d=outline/> }
    };
    view! {
        <svg viewBox="0 0 400 640" preserveAspectRatio="xMidYMax meet" focusable="false">
            {(0..6).map(arch).collect_view()}
            <path class="floor" d="M0 640 170 560h60l170 80z"/>
        </svg>
    }
}
