//! The HTML document around every page.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::{prelude::*, reactive::computed::ScopedFuture};

use super::{assets::Assets, state::HttpState};
use crate::{
    islands::SessionEvents,
    model::{AppError, RejectedForm},
    pages::{self, AuthLayout, ErrorPage, Page, PageLayout, PageRequest},
    words::{self, PRODUCT},
};

/// What the form before this page has led to.
#[derive(Debug, Default)]
pub struct Flash {
    /// It was accepted, and did this.
    pub notice: Option<String>,
    /// It was rejected.
    pub rejected: Option<RejectedForm>,
}

/// Reads what a page shows, then renders it in one synchronous pass.
///
/// # Errors
/// If that could not be read.
pub async fn render(
    state: &HttpState,
    page: &'static Page,
    request: PageRequest,
    flash: Flash,
) -> Result<String, AppError> {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let rendering = owner.with(|| ScopedFuture::new(render_in_owner(state, page, request, flash)));
    let html = rendering.await;
    owner.unset_with_forced_cleanup();
    html
}

async fn render_in_owner(
    state: &HttpState,
    page: &'static Page,
    request: PageRequest,
    flash: Flash,
) -> Result<String, AppError> {
    if let Some(form) = flash.rejected {
        provide_context(form);
    }
    let account = request.caller.account.clone();
    let session = account.as_ref().and_then(|_| request.caller.session.stored());
    let content = page.render(request).await?;
    let body = match &account {
        Some(account) => {
            let navigation = pages::all().iter().filter(|page| page.navigation).collect();
            let (name, notice) = (account.name.clone(), flash.notice);
            view! {
                <PageLayout name navigation current=page.path notice>{content}</PageLayout>
            }
            .into_any()
        }
        None => view! { <AuthLayout>{content}</AuthLayout> }.into_any(),
    };
    let has_session = account.is_some();
    let document = view! {
        <!DOCTYPE html>
        <html lang="en" data-access=page.access.as_str() data-account=account.map(|account| account.email.clone())
            data-session=session.map(|session| session.handle.to_string())>
            <head>
                <Head title=page.title style=state.assets.style.clone()/>
                <Client assets=&state.assets/>
                {state.live_reload.as_ref().map(|reload| reload.script())}
            </head>
            <body>
                {body}
                <SessionEvents has_session/>
            </body>
        </html>
    };
    Ok(valid_html(&document.to_html()))
}

/// Leptos marks places in its views by `<!>`, which browsers read as the empty comment that it is meant to
/// be, and validators as an error. (Neither text nor an attribute holds one: both are escaped.)
fn valid_html(html: &str) -> String {
    html.replace("<!>", "<!---->")
}

/// The document of an error: complete by itself, without scripts.
pub fn error_page(assets: &Assets, status: u16, reference: Option<String>) -> String {
    let style = assets.style.clone();
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <Head title=words::error_page(status).0 style/>
                </head>
                <body>
                    <ErrorPage status reference/>
                </body>
            </html>
        }
        .to_html()
    });
    owner.unset_with_forced_cleanup();
    valid_html(&html)
}

#[component]
fn Head(title: &'static str, style: String) -> impl IntoView {
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <title>{format!("{title} · {PRODUCT}")}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href=style/>
    }
}

/// Loads the islands. The start script finds the two other files by these links, which also let them
/// load beside it.
#[component]
fn Client<'a>(assets: &'a Assets) -> impl IntoView + use<> {
    view! {
        <link rel="modulepreload" href=assets.script.clone() data-client="script"/>
        <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"
            data-client="wasm"/>
        <script type="module" src=assets.start.clone()></script>
    }
}
