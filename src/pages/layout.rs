//! The frames that pages stand in.

use std::sync::{LazyLock, OnceLock};

use leptos::{prelude::*, tachys::html::InertElement};

use super::{
    Page, all,
    rendered_once::{render_apart, rendered_once},
};
use crate::{
    components::{Notice, NoticeIcon, icons},
    islands::SignOutForm,
    words,
};

/// The pages for visitors without a session: the form, and on wide screens the doorway beside it.
#[component]
pub fn AuthLayout(
    /// What the form before this page has done.
    notice: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="auth">
            <aside class="doorway" aria-hidden="true"><Doorway/></aside>
            <main class="auth-main">
                <Brand/>
                {notice.map(|text| view! { <Notice text icon=NoticeIcon::Tick/> })}
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
    page: &'static Page,
    /// What the form before this page has done.
    notice: Option<String>,
    children: Children,
) -> impl IntoView {
    static SIGN_OUT: OnceLock<String> = OnceLock::new();
    view! {
        <a class="skip" href="#main">{words::layout::SKIP_TO_CONTENT}</a>
        <header class="top">
            <Brand/>
            <div class="top-end">
                <bdi class="who">{name}</bdi>
                {rendered_once(&SIGN_OUT, || view! { <SignOutForm/> })}
            </div>
        </header>
        {navigation(page)}
        <main id="main" class="page" tabindex="-1">
            {notice.map(|text| view! { <Notice text icon=NoticeIcon::Tick/> })}
            {children()}
        </main>
    }
}

/// The navigation of a page, rendered once for each.
fn navigation(current: &'static Page) -> InertElement {
    static RENDERED: LazyLock<Vec<String>> = LazyLock::new(|| {
        all().iter().map(|page| render_apart(|| view! { <Navigation current=page.path/> })).collect()
    });
    let position = all().iter().position(|page| page.path == current.path);
    InertElement::new(position.map_or("", |position| RENDERED[position].as_str()))
}

#[component]
fn Navigation(current: &'static str) -> impl IntoView {
    let link = |page: &'static Page| {
        let current = (page.path == current).then_some("page");
        view! { <li><a href=page.path aria-current=current>{page.title}</a></li> }
    };
    view! {
        <nav class="places" aria-label=words::layout::NAVIGATION>
            <ul>{all().iter().filter(|page| page.navigation).map(link).collect_view()}</ul>
        </nav>
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
    static BRAND: OnceLock<String> = OnceLock::new();
    rendered_once(&BRAND, || view! { <p class="brand"><a href="/"><icons::Mark/>{words::PRODUCT}</a></p> })
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
