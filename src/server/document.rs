//! The HTML document around every page.

use std::sync::Arc;

use hydration_context::SsrSharedContext;
use leptos::{prelude::*, reactive::computed::ScopedFuture};

use super::{
    assets::Assets,
    post_redirect_get::Flash,
    request::{PageRequest, Visitor},
};
use crate::{
    islands::SessionWatch,
    model::AppError,
    pages::{self, AuthLayout, ErrorPage, Page, PageLayout, error_words},
    words::PRODUCT,
};

/// Renders a page in one synchronous pass, once what it shows has been read.
///
/// # Errors
/// If that could not be read.
pub async fn render(
    page: &'static Page,
    request: PageRequest,
    flash: Option<Flash>,
) -> Result<String, AppError> {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let rendering = owner.with(|| ScopedFuture::new(render_in_owner(page, request, flash)));
    let html = rendering.await;
    owner.unset_with_forced_cleanup();
    html
}

async fn render_in_owner(
    page: &'static Page,
    request: PageRequest,
    flash: Option<Flash>,
) -> Result<String, AppError> {
    let notice = match flash {
        Some(Flash::Rejected(form)) => {
            provide_context(form);
            None
        }
        Some(Flash::Notice(notice)) => Some(notice),
        None => None,
    };
    let Visitor { account, session, .. } = request.visitor.clone();
    let (assets, live_reload) = (request.state.assets.clone(), request.state.live_reload.clone());
    let has_session = account.is_some();
    let content = page.render(request).await?;
    let body = match &account {
        Some(account) => {
            let pages = pages::all().iter().filter(|page| page.navigation);
            let navigation = pages.map(|page| (page.path, page.title)).collect();
            view! {
                <PageLayout name=account.name.clone() navigation current=page.path notice>{content}</PageLayout>
            }
            .into_any()
        }
        None => view! { <AuthLayout>{content}</AuthLayout> }.into_any(),
    };
    let (email, session) = account.map(|account| account.email).zip(session).unzip();
    let document = view! {
        <!DOCTYPE html>
        <html lang="en" data-access=page.access.as_str() data-account=email
            data-session=session.map(|session| session.to_string())>
            <head>
                <Head title=page.title style=assets.style.clone()/>
                <Client assets=&assets/>
                {live_reload.map(|reload| reload.script())}
            </head>
            <body>
                {body}
                <SessionWatch has_session/>
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
                    <Head title=error_words(status).0 style/>
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
