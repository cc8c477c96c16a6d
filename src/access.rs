//! Who may see what: one pure policy.
//!
//! The server's middleware judges before a page is rendered, every server function judges again, and
//! an open page judges itself when it learns that its session has changed: all of them by [`judge`],
//! and its verdict leads to the same [`destination`] everywhere. The tables of `pages` and `api` declare
//! the access of each page, download and server function; what is in neither is refused.

use crate::model::{AppError, ReturnTo, Viewer};

/// What a page or a server function requires of its visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// No condition.
    Anyone,
    /// For visitors without a session; others are sent home.
    SignedOut,
    /// Any account.
    SignedIn,
    /// An account that was authenticated recently, or again by a step-up (ASVS 7.5.1).
    RecentlyAuthenticated,
    /// An administrator.
    Admin,
}

/// What [`judge`] decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// Sign in first, then come back.
    SignIn,
    /// Authenticate again (step-up), then come back.
    Confirm,
    /// Signed in already: this page is for those who are not.
    Home,
    /// Signed in, and still not allowed.
    Forbidden,
}

/// The page to sign in.
const SIGN_IN: &str = "/login";
/// The page to authenticate again.
pub const CONFIRM: &str = "/confirm";
/// In the query of the sign-in page: someone has just signed in there.
pub const SIGNED_IN: &str = "signed-in";

/// A server function, as the table in `api` declares it.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub path: &'static str,
    pub access: Access,
    /// The page with its form, shown again when the form was rejected.
    pub page: &'static str,
    /// The fields that are given back with a rejected form; never a password.
    pub given_back: &'static [&'static str],
    /// The text of the button that posts to it, where a message has to name it.
    pub button: Option<&'static str>,
}

impl Function {
    #[must_use]
    pub const fn gives_back(self, fields: &'static [&'static str]) -> Self {
        Self { given_back: fields, ..self }
    }

    #[must_use]
    pub const fn button(self, text: &'static str) -> Self {
        Self { button: Some(text), ..self }
    }
}

/// A path, and the access that it requires.
pub type Declared = (&'static str, Access);

/// The access that every page, download and server function has declared.
#[derive(Debug)]
pub struct Policy {
    pages: Vec<Declared>,
    /// Files for one visitor: no return address leads to them, as a browser would stay where it is.
    downloads: &'static [Declared],
    functions: &'static [Function],
}

impl Policy {
    pub fn new(pages: Vec<Declared>, downloads: &'static [Declared], functions: &'static [Function]) -> Self {
        Self { pages, downloads, functions }
    }

    /// The access of what is at `path`; `None` if none is declared.
    pub fn access_for(&self, path: &str) -> Option<Access> {
        let function = self.function(path).map(|function| function.access);
        function.or_else(|| find(&self.pages, path)).or_else(|| find(self.downloads, path))
    }

    pub fn function(&self, path: &str) -> Option<Function> {
        self.functions.iter().find(|function| function.path == path).copied()
    }

    /// A return address that a stranger may have written; `None` unless it leads to a page.
    pub fn return_to(&self, next: &str) -> Option<ReturnTo> {
        ReturnTo::parse(next).filter(|next| find(&self.pages, next.path()).is_some())
    }
}

fn find(declared: &[Declared], path: &str) -> Option<Access> {
    declared.iter().find(|(declared, _)| *declared == path).map(|(_, access)| *access)
}

impl Access {
    const ALL: [Self; 5] =
        [Self::Anyone, Self::SignedOut, Self::SignedIn, Self::RecentlyAuthenticated, Self::Admin];

    /// The name by which a page carries its access.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::SignedOut => "signed-out",
            Self::SignedIn => "signed-in",
            Self::RecentlyAuthenticated => "recently-authenticated",
            Self::Admin => "admin",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == name)
    }
}

/// Decides; pure, and the same on the server and in the browser.
pub fn judge(access: Access, viewer: Viewer) -> Verdict {
    match (access, viewer) {
        (Access::Anyone, _) | (Access::SignedOut, Viewer::Anonymous) => Verdict::Allow,
        (Access::SignedOut, Viewer::SignedIn { .. }) => Verdict::Home,
        (_, Viewer::Anonymous) => Verdict::SignIn,
        (Access::SignedIn, Viewer::SignedIn { .. }) => Verdict::Allow,
        (Access::Admin, Viewer::SignedIn { admin: false, .. }) => Verdict::Forbidden,
        (
            Access::RecentlyAuthenticated | Access::Admin,
            Viewer::SignedIn { recently_authenticated: false, .. },
        ) => Verdict::Confirm,
        (Access::RecentlyAuthenticated | Access::Admin, Viewer::SignedIn { .. }) => Verdict::Allow,
    }
}

/// A verdict as a value, for a caller that cannot be sent elsewhere; `None` if allowed.
pub fn refusal(verdict: Verdict) -> Option<AppError> {
    match verdict {
        Verdict::Allow => None,
        Verdict::SignIn => Some(AppError::SignInRequired),
        Verdict::Confirm => Some(AppError::ConfirmRequired),
        Verdict::Home | Verdict::Forbidden => Some(AppError::Forbidden),
    }
}

/// Where a verdict sends a visitor who wanted to see `wanted` (path, query and, where known, fragment).
pub fn destination(verdict: Verdict, wanted: &str) -> Option<String> {
    let asked = ReturnTo::parse_or_home(wanted);
    match verdict {
        Verdict::Allow | Verdict::Forbidden => None,
        // Signing in confirms as well, so one comes back to what the confirmation was for.
        Verdict::SignIn if asked.path() == CONFIRM => Some(wanted_next(wanted).append_to(SIGN_IN)),
        Verdict::SignIn => Some(asked.append_to(SIGN_IN)),
        Verdict::Confirm => Some(asked.append_to(CONFIRM)),
        Verdict::Home => Some(wanted_next(wanted).into()),
    }
}

/// Where a browser goes that has just got the cookie of a session, on its way to `next`. The sign-in page leads
/// on those who send the cookie, and tells the others that their browser has not kept it.
pub fn after_sign_in(next: &ReturnTo) -> String {
    format!("{}&{SIGNED_IN}=1", next.append_to(SIGN_IN))
}

/// The return address in the query of `wanted`, or home.
fn wanted_next(wanted: &str) -> ReturnTo {
    let query = wanted.split_once('?').and_then(|(_, query)| query.split('#').next());
    query.and_then(ReturnTo::from_query).unwrap_or_else(ReturnTo::home)
}

/// Where the refusal of a server function leads from `page`; `None` for an error that leads nowhere.
pub fn redirect_for(error: AppError, page: &str) -> Option<String> {
    match error {
        AppError::SignInRequired => destination(Verdict::SignIn, page),
        AppError::ConfirmRequired => destination(Verdict::Confirm, page),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(admin: bool, recently_authenticated: bool) -> Viewer {
        Viewer::SignedIn { admin, recently_authenticated }
    }

    #[test]
    fn the_whole_policy() {
        use Access::*;
        use Verdict::*;
        let cases = [
            // access, anonymous, account, recently authenticated account, admin, recently authenticated admin
            (Anyone, [Allow, Allow, Allow, Allow, Allow]),
            (SignedOut, [Allow, Home, Home, Home, Home]),
            (Access::SignedIn, [SignIn, Allow, Allow, Allow, Allow]),
            (RecentlyAuthenticated, [SignIn, Confirm, Allow, Confirm, Allow]),
            (Admin, [SignIn, Forbidden, Forbidden, Confirm, Allow]),
        ];
        let viewers = [
            Viewer::Anonymous,
            viewer(false, false),
            viewer(false, true),
            viewer(true, false),
            viewer(true, true),
        ];
        for (access, verdicts) in cases {
            for (viewer, verdict) in viewers.iter().zip(verdicts) {
                assert_eq!(judge(access, *viewer), verdict, "{access:?} for {viewer:?}");
            }
        }
    }

    #[test]
    fn a_page_carries_its_access() {
        for access in Access::ALL {
            assert_eq!(Access::parse(access.as_str()), Some(access));
        }
        assert_eq!(Access::parse(""), None);
    }

    #[test]
    fn refusals_keep_the_return_address() {
        assert_eq!(destination(Verdict::SignIn, "/").as_deref(), Some("/login?next=%2F"));
        assert_eq!(
            destination(Verdict::SignIn, "/account?tab=1&x=%20").as_deref(),
            Some("/login?next=%2Faccount%3Ftab%3D1%26x%3D%2520")
        );
        assert_eq!(destination(Verdict::SignIn, "//evil.example").as_deref(), Some("/login?next=%2F"));
        assert_eq!(destination(Verdict::Allow, "/"), None);
        assert_eq!(destination(Verdict::Confirm, "/x").as_deref(), Some("/confirm?next=%2Fx"));
        for (wanted, found) in [("/confirm", "/login?next=%2F"), ("/confirm?next=%2Fx#y", "/login?next=%2Fx")]
        {
            assert_eq!(destination(Verdict::SignIn, wanted).as_deref(), Some(found));
        }
    }

    #[test]
    fn the_way_after_sign_in_leads_to_the_return_address() {
        for next in ["/", "/account?q=a%20b&c=%252F+d%26#x"] {
            let way = after_sign_in(&ReturnTo::parse_or_home(next));
            assert_eq!(destination(Verdict::Home, &way).as_deref(), Some(next), "{way}");
        }
    }

    #[test]
    fn signed_in_visitors_go_where_sign_in_would_have_led() {
        let home = |wanted| destination(Verdict::Home, wanted);
        assert_eq!(home("/login").as_deref(), Some("/"));
        assert_eq!(home("/login?next=%2Faccount%3Fpage%3D2").as_deref(), Some("/account?page=2"));
        assert_eq!(home("/login?x=1&next=%2Faccount#top").as_deref(), Some("/account"));
        for bad in
            ["/login?next=%2F%2Fevil.example", "/login?next=https:x", "/login?next=%2", "/login?next=%FF"]
        {
            assert_eq!(home(bad).as_deref(), Some("/"), "{bad}");
        }
    }
}
