//! The application: its route table and what every page has in common.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    browser,
    components::{Guard, SessionWatch},
    model::{EndReason, Flash, SessionNews, Viewer},
    pages::{
        AccountPage, ActivityPage, ConfirmPage, HomePage, LoginPage, NotFoundPage, RegisterPage,
        SecurityPage, SessionsPage,
    },
};

/// A page behind the guard.
macro_rules! guarded {
    ($page:ident) => {
        || view! { <Guard><$page/></Guard> }
    };
}

/// Every page. Each has a line in the table of [`crate::access`]; the guard around it judges
/// navigation in the browser as the server judges a request.
///
/// All of them are rendered whole before the first byte leaves (`SsrMode::Async`): a session may
/// be written until then, and never after.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_visitor();
    Effect::new(|_| {
        browser::announce_hydration();
        browser::reload_when_restored();
    });

    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=guarded!(HomePage) ssr=SsrMode::Async/>
                <Route path=path!("/account") view=guarded!(AccountPage) ssr=SsrMode::Async/>
                <Route path=path!("/account/activity") view=guarded!(ActivityPage) ssr=SsrMode::Async/>
                <Route path=path!("/account/security") view=guarded!(SecurityPage) ssr=SsrMode::Async/>
                <Route path=path!("/account/sessions") view=guarded!(SessionsPage) ssr=SsrMode::Async/>
                <Route path=path!("/confirm") view=guarded!(ConfirmPage) ssr=SsrMode::Async/>
                <Route path=path!("/login") view=guarded!(LoginPage) ssr=SsrMode::Async/>
                <Route path=path!("/register") view=guarded!(RegisterPage) ssr=SsrMode::Async/>
            </FlatRoutes>
            <SessionWatch/>
        </Router>
    }
}

/// The viewer, the flash message that was waiting for them, how their session is, and why the one
/// that they had has ended.
///
/// The server knows all of it before it renders and writes them into the page; the browser reads them
/// there. Signing in and out load a new document, so none changes while a page lives.
fn provide_visitor() {
    let viewer = SharedValue::new(|| use_context::<Viewer>().unwrap_or_default()).into_inner();
    let flash = SharedValue::new(use_context::<Option<Flash>>).into_inner().flatten();
    let ended = SharedValue::new(use_context::<Option<EndReason>>).into_inner().flatten();
    let news = SharedValue::new(use_context::<Option<SessionNews>>).into_inner().flatten();
    provide_context(viewer);
    provide_context(news);
    provide_context(ended);
    provide_context(StoredValue::new(flash));
}
