//! Pages: one a file, named like its URL, and one table of all of them.
//!
//! A page is an async function of a [`PageRequest`]: it asks `accounts` for what it shows, and returns
//! a view. It exists on the server only; what is interactive in it is an island.

mod account;
mod check_up;
mod confirm;
mod error;
mod forgot_password;
mod home;
mod invalid_link;
mod last_mail;
mod layout;
mod login;
mod mail_sent;
mod page_links;
mod paths;
mod register;
mod rendered_once;
mod report_sign_in;
mod request;
mod reset_password;
mod session_events;
mod undo_email_change;
mod verify_email;

use std::{fmt, pin::Pin, sync::LazyLock};

use leptos::prelude::{AnyView, IntoAny, IntoView};

pub use check_up::SecurityCheckUp;
pub use error::{CrossSitePage, ErrorDetails, ErrorPage, WayBack};
pub use invalid_link::InvalidLink;
pub use last_mail::LastMail;
pub use layout::{AuthLayout, PageLayout};
pub use mail_sent::MailSent;
pub use page_links::PageLinks;
pub use paths::{CHANGE_PASSWORD, DATA, DATA_PAGE, DOWNLOADS, LAST_MAIL};
pub use rendered_once::render_apart;
pub use request::{PageRequest, REJECTED};
pub use session_events::SessionEvents;

use crate::{access::Access, model::AppError, words};

/// Every page, in the order in which the navigation shows them: the router, the access policy, the
/// navigation and the tests read this table. A page that is not in it does not exist.
static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    vec![
        Page::new("/", Access::SignedIn, words::home::TITLE, home::page).in_navigation(),
        Page::new("/account", Access::SignedIn, words::account::TITLE, account::overview::page)
            .in_navigation(),
        Page::new("/account/security", Access::SignedIn, words::security::TITLE, account::security::page)
            .in_navigation(),
        Page::new("/account/sessions", Access::SignedIn, words::sessions::TITLE, account::sessions::page)
            .in_navigation(),
        Page::new("/account/activity", Access::SignedIn, words::activity::TITLE, account::activity::page)
            .in_navigation(),
        Page::new("/confirm", Access::SignedIn, words::confirm::TITLE, confirm::page),
        Page::new("/login", Access::SignedOut, words::login::TITLE, login::page)
            .described_as(words::login::DESCRIPTION),
        Page::new("/register", Access::SignedOut, words::register::TITLE, register::page)
            .described_as(words::register::DESCRIPTION)
            .opened_by_link(),
        Page::new("/forgot-password", Access::Anyone, words::forgot_password::TITLE, forgot_password::page)
            .described_as(words::forgot_password::DESCRIPTION),
        Page::new("/reset-password", Access::Anyone, words::reset_password::TITLE, reset_password::page)
            .opened_by_link(),
        Page::new("/verify-email", Access::Anyone, words::verify_email::TITLE, verify_email::page)
            .opened_by_link(),
        Page::new(
            "/undo-email-change",
            Access::Anyone,
            words::undo_email_change::TITLE,
            undo_email_change::page,
        )
        .opened_by_link(),
        Page::new("/report-sign-in", Access::Anyone, words::report_sign_in::TITLE, report_sign_in::page)
            .opened_by_link(),
    ]
});

/// A line of the table.
pub struct Page {
    pub path: &'static str,
    pub access: Access,
    pub title: &'static str,
    /// What search engines and previews of links show.
    pub description: &'static str,
    /// Listed in the navigation of signed-in pages, by its title.
    pub navigation: bool,
    /// A link in a mail leads to it, with a token behind its path.
    pub by_link: bool,
    render: Render,
}

type Render = Box<dyn Fn(PageRequest) -> Rendering + Send + Sync>;
type Rendering = Pin<Box<dyn Future<Output = Result<AnyView, AppError>> + Send>>;

impl Page {
    fn new<F, V>(
        path: &'static str,
        access: Access,
        title: &'static str,
        page: impl Fn(PageRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<V, AppError>> + Send + 'static,
        V: IntoView + 'static,
    {
        let render = move |request| -> Rendering {
            let view = page(request);
            Box::pin(async { Ok(view.await?.into_any()) })
        };
        Self {
            path,
            access,
            title,
            description: words::DESCRIPTION,
            navigation: false,
            by_link: false,
            render: Box::new(render),
        }
    }

    fn described_as(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    fn in_navigation(self) -> Self {
        Self { navigation: true, ..self }
    }

    fn opened_by_link(self) -> Self {
        Self { by_link: true, ..self }
    }

    /// The content of the page, without the layout around it.
    ///
    /// # Errors
    /// If what it shows cannot be read.
    pub async fn render(&self, request: PageRequest) -> Result<AnyView, AppError> {
        (self.render)(request).await
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({} {:?})", self.path, self.access)
    }
}

/// Every page.
pub fn all() -> &'static [Page] {
    &PAGES
}

/// The page at `path`.
pub fn find(path: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.path == path)
}
