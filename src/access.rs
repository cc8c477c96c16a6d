//! Who may see what: one pure policy.
//!
//! The server's middleware, the guard component in the browser and every server function call
//! [`judge`]; none of them has a rule of its own. A route that [`of`] does not know is refused,
//! so a forgotten entry fails closed.

use crate::model::{AppError, Next, Viewer};

/// What a page or a server function asks of its visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// No condition.
    Anyone,
    /// For visitors without a session; the others have no business here and are sent home.
    SignedOut,
    /// Any account.
    SignedIn,
    /// An account that proved itself a short while ago (ASVS 7.5.1 calls it re-authentication).
    Fresh,
    /// An administrator.
    Admin,
}

/// What [`judge`] decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// Sign in first, then come back.
    SignIn,
    /// Prove again that it is you, then come back.
    Confirm,
    /// Nothing to do here for somebody who is signed in.
    Home,
    /// Signed in, and still not allowed.
    Forbidden,
}

/// Path patterns of pages, and what they ask. `{name}` stands for one path segment.
const PAGES: &[(&str, Access)] = &[
    ("/", Access::SignedIn),
    ("/account", Access::SignedIn),
    ("/account/activity", Access::SignedIn),
    ("/account/security", Access::SignedIn),
    ("/account/sessions", Access::SignedIn),
    ("/confirm", Access::SignedIn),
    ("/login", Access::SignedOut),
    ("/register", Access::SignedOut),
];

/// Server functions, what they ask, and the page that calls them: there one comes back to when a
/// form without JavaScript was refused. Signing in is open to those who are signed in already: a
/// second tab may still show the form, and the session is replaced either way.
const FUNCTIONS: &[(&str, Access, &str)] = &[
    ("/api/activity", Access::SignedIn, "/account/activity"),
    ("/api/change_password", Access::SignedIn, "/account/security"),
    ("/api/confirm", Access::SignedIn, "/"),
    ("/api/end_other_sessions", Access::Fresh, "/account/sessions"),
    ("/api/end_session", Access::Fresh, "/account/sessions"),
    ("/api/home", Access::SignedIn, "/"),
    ("/api/rate_password", Access::Anyone, "/"),
    ("/api/register", Access::Anyone, "/register"),
    ("/api/rename", Access::SignedIn, "/account"),
    ("/api/sessions", Access::SignedIn, "/account/sessions"),
    ("/api/sign_in", Access::Anyone, "/login"),
    ("/api/sign_out", Access::SignedIn, "/"),
    ("/api/stay", Access::SignedIn, "/"),
];

/// What the page or server function at `path` asks; `None` where nothing was declared.
pub fn of(path: &str) -> Option<Access> {
    patterns().find(|(pattern, _)| matches(pattern, path)).map(|(_, access)| access)
}

/// The page that calls a server function; of anything else, the first page.
pub fn page_of(function: &str) -> &'static str {
    FUNCTIONS.iter().find(|(path, ..)| *path == function).map_or("/", |(_, _, page)| page)
}

/// True for the path of a server function, false for that of a page.
pub fn is_function(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Every declared pattern.
pub fn patterns() -> impl Iterator<Item = (&'static str, Access)> {
    let functions = FUNCTIONS.iter().map(|(path, access, _)| (*path, *access));
    PAGES.iter().copied().chain(functions)
}

/// Decides; pure, and the same on the server and in the browser.
pub fn judge(access: Access, viewer: &Viewer) -> Verdict {
    match (access, viewer) {
        (Access::Anyone, _) | (Access::SignedOut, Viewer::Anonymous) => Verdict::Allow,
        (Access::SignedOut, Viewer::SignedIn(_)) => Verdict::Home,
        (_, Viewer::Anonymous) => Verdict::SignIn,
        (Access::SignedIn, Viewer::SignedIn(_)) => Verdict::Allow,
        (Access::Admin, Viewer::SignedIn(account)) if !account.admin => Verdict::Forbidden,
        (Access::Fresh | Access::Admin, Viewer::SignedIn(account)) if !account.fresh => Verdict::Confirm,
        (Access::Fresh | Access::Admin, Viewer::SignedIn(_)) => Verdict::Allow,
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

/// Where a verdict sends somebody who wanted to see `wanted` (path and query).
pub fn destination(verdict: Verdict, wanted: &str) -> Option<String> {
    match verdict {
        Verdict::Allow | Verdict::Forbidden => None,
        Verdict::SignIn => Some(Next::parse_or_home(wanted).carried_by("/login")),
        Verdict::Confirm => Some(Next::parse_or_home(wanted).carried_by("/confirm")),
        Verdict::Home => Some(Next::within(wanted).unwrap_or_else(Next::home).into()),
    }
}

/// Where a refusal as a value leads somebody who was on `page`; `None` for what is no refusal, or
/// leads nowhere.
pub fn way_out(error: AppError, page: &str) -> Option<String> {
    match error {
        AppError::SignInRequired => destination(Verdict::SignIn, page),
        AppError::ConfirmRequired => destination(Verdict::Confirm, page),
        _ => None,
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits = pattern.split('/').all(|wanted| match segments.next() {
        Some(segment) if wanted.starts_with('{') => !segment.is_empty(),
        Some(segment) => segment == wanted,
        None => false,
    });
    fits && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SignedIn;

    fn viewer(admin: bool, fresh: bool) -> Viewer {
        Viewer::SignedIn(SignedIn {
            name: "Ada".into(),
            email: "ada@example.org".into(),
            admin,
            fresh,
            session: "s".into(),
        })
    }

    #[test]
    fn the_whole_policy() {
        use Access::*;
        use Verdict::*;
        let cases = [
            // access, anonymous, stale, fresh, stale admin, fresh admin
            (Anyone, [Allow, Allow, Allow, Allow, Allow]),
            (SignedOut, [Allow, Home, Home, Home, Home]),
            (Access::SignedIn, [SignIn, Allow, Allow, Allow, Allow]),
            (Fresh, [SignIn, Confirm, Allow, Confirm, Allow]),
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
                assert_eq!(judge(access, viewer), verdict, "{access:?} for {viewer:?}");
            }
        }
    }

    #[test]
    fn patterns_match_whole_paths() {
        assert!(matches("/", "/"));
        assert!(matches("/reset-password/{token}", "/reset-password/abc"));
        assert!(!matches("/reset-password/{token}", "/reset-password/"));
        assert!(!matches("/reset-password/{token}", "/reset-password/a/b"));
        assert!(!matches("/login", "/login/second-factor"));
        assert_eq!(of("/nowhere"), None);
    }

    #[test]
    fn refusals_remember_where_one_wanted_to_go() {
        assert_eq!(destination(Verdict::SignIn, "/").as_deref(), Some("/login?next=%2F"));
        assert_eq!(
            destination(Verdict::SignIn, "/account?tab=1&x=%20").as_deref(),
            Some("/login?next=%2Faccount%3Ftab%3D1%26x%3D%2520")
        );
        assert_eq!(destination(Verdict::SignIn, "//evil.example").as_deref(), Some("/login?next=%2F"));
        assert_eq!(destination(Verdict::Allow, "/"), None);
        assert_eq!(destination(Verdict::Confirm, "/x").as_deref(), Some("/confirm?next=%2Fx"));
    }

    #[test]
    fn whoever_is_signed_in_already_goes_where_sign_in_would_have_led() {
        let home = |wanted| destination(Verdict::Home, wanted);
        assert_eq!(home("/login").as_deref(), Some("/"));
        assert_eq!(home("/login?next=%2Faccount%3Fpage%3D2").as_deref(), Some("/account?page=2"));
        assert_eq!(home("/login?x=1&next=%2Faccount").as_deref(), Some("/account"));
        for bad in
            ["/login?next=%2F%2Fevil.example", "/login?next=https:x", "/login?next=%2", "/login?next=%FF"]
        {
            assert_eq!(home(bad).as_deref(), Some("/"), "{bad}");
        }
    }
}
