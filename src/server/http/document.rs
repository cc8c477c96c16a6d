//! The HTML document around every page.

use std::{collections::HashMap, sync::Arc};

use hydration_context::SsrSharedContext;
use leptos::{prelude::*, reactive::computed::ScopedFuture, tachys::html::InertElement};
use memchr::memmem;

use super::{assets::Assets, live_reload::LiveReload};
use crate::{
    model::{AppError, RejectedForm},
    pages::{
        self, AuthLayout, CrossSitePage, ErrorDetails, ErrorPage, LastMail, Page, PageLayout, PageRequest,
        SessionEvents,
    },
    words::{self, PRODUCT, mails::MailText},
};

/// What the form before this page has led to.
#[derive(Debug, Default)]
pub struct Flash {
    /// It was accepted, and did this.
    pub notice: Option<String>,
    /// It was rejected.
    pub rejected: Option<RejectedForm>,
}

/// Renders documents.
#[derive(Debug)]
pub struct Documents {
    /// The head of each page, by its path: it is the same for every visitor.
    heads: HashMap<&'static str, String>,
    style: String,
    /// The script of the error page that says how long to wait.
    countdown: String,
}

impl Documents {
    pub fn new(assets: &Assets, live_reload: Option<&LiveReload>) -> Self {
        let head = |page: &Page| {
            let (title, description) = (page.title, page.description);
            let reload = live_reload.map(LiveReload::script);
            pages::render_apart(|| {
                view! { <head><Head title description style=assets.style.clone()/><Client assets/>{reload}</head> }
            })
        };
        let heads = pages::all().iter().map(|page| (page.path, head(page))).collect();
        Self { heads, style: assets.style.clone(), countdown: assets.countdown.clone() }
    }

    /// Reads what a page shows, then renders it in one synchronous pass.
    ///
    /// # Errors
    /// If that could not be read.
    pub async fn render(
        &self,
        page: &'static Page,
        request: PageRequest,
        flash: Flash,
    ) -> Result<String, AppError> {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
        let rendering = owner.with(|| ScopedFuture::new(self.render_in_owner(page, request, flash)));
        let html = rendering.await;
        owner.unset_with_forced_cleanup();
        html
    }

    async fn render_in_owner(
        &self,
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
                let (name, notice) = (account.name.clone(), flash.notice);
                view! { <PageLayout name page notice>{content}</PageLayout> }.into_any()
            }
            None => view! { <AuthLayout notice=flash.notice>{content}</AuthLayout> }.into_any(),
        };
        let has_session = account.is_some();
        let head = self.heads.get(page.path).cloned().unwrap_or_default();
        let document = view! {
            <!DOCTYPE html>
            <html lang="en" data-access=page.access.as_str()
                data-account=account.map(|account| account.email.clone())
                data-session=session.map(|session| session.handle.to_string())>
                {InertElement::new(head)}
                <body>
                    {body}
                    <SessionEvents has_session/>
                </body>
            </html>
        };
        Ok(valid_html(document.to_html()))
    }

    /// The document of an error: complete by itself. Its script, if any, counts down how long to wait.
    pub fn error_page(&self, details: ErrorDetails) -> String {
        let title = words::error_page(details.status).0;
        let script = details.seconds.map(|_| self.countdown.clone());
        self.plain_page(title, script, || view! { <ErrorPage details/> })
    }

    /// The document for a refused cross-site request. `origin` is the address of this site.
    pub fn cross_site_page(&self, status: u16, origin: String, reference: Option<String>) -> String {
        let page = || view! { <CrossSitePage status origin reference/> };
        self.plain_page(words::cross_site::HEADING, None, page)
    }

    /// The document that shows the last mail and its recipient, in development.
    pub fn last_mail(&self, mail: Option<(String, MailText)>) -> String {
        self.plain_page(words::outbox::TITLE, None, || view! { <LastMail mail/> })
    }

    fn plain_page<V: IntoView>(
        &self,
        title: &'static str,
        script: Option<String>,
        body: impl FnOnce() -> V,
    ) -> String {
        let style = self.style.clone();
        let html = pages::render_apart(|| {
            view! {
                <!DOCTYPE html>
                <html lang="en">
                    <head>
                        <Head title description=title style/>
                        {script.map(|script| view! { <script type="module" src=script></script> })}
                    </head>
                    <body>{body()}</body>
                </html>
            }
        });
        valid_html(html)
    }
}

/// Leptos marks places in its views by `<!>`. Browsers read it as an empty comment, validators as an error,
/// so it is written out. (It cannot be part of a text or an attribute: both are escaped.)
fn valid_html(html: String) -> String {
    const MARK: &str = "<!>";
    let mut valid = String::with_capacity(html.len() + 256);
    let mut rest = 0;
    for found in memmem::find_iter(html.as_bytes(), MARK) {
        valid.push_str(&html[rest..found]);
        valid.push_str("<!---->");
        rest = found + MARK.len();
    }
    valid.push_str(&html[rest..]);
    valid
}

#[component]
fn Head(title: &'static str, description: &'static str, style: String) -> impl IntoView {
    view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        // As the header says. It wins over the `no-referrer` of a proxy, with which the browser would post forms
        // with `Origin: null`.
        <meta name="referrer" content="same-origin"/>
        <meta name="description" content=description/>
        <title>{format!("{title} · {PRODUCT}")}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="stylesheet" href=style/>
    }
}

/// Loads the islands. The start script finds the two other files by these links, which also let them
/// load at the same time.
#[component]
fn Client<'a>(assets: &'a Assets) -> impl IntoView + use<> {
    view! {
        <link rel="modulepreload" href=assets.script.clone() data-client="script"/>
        <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"
            data-client="wasm"/>
        <script type="module" src=assets.start.clone()></script>
    }
}
