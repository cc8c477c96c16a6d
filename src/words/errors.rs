//! Errors: as pages of their own, and as messages within a page.

use super::times::remaining;
use crate::model::AppError;

/// Heading and text of the page for an HTTP error status.
pub fn error_page(status: u16) -> (&'static str, &'static str) {
    match status {
        401 => ("Please sign in", "This page is for people who are signed in."),
        403 => ("You don't have access to this page", "Your account has no access to it."),
        404 => ("Page not found", "There is nothing at this address. It may have been mistyped or moved."),
        405 => ("Not possible here", "This address does not support that kind of request."),
        408 => ("That took too long", "The request did not arrive in time. Please try again."),
        429 => ("Too many attempts", "Please wait a moment, then try again."),
        413 | 414 | 431 => ("Request too large", "The request is larger than this site accepts."),
        400..=499 => (
            "That did not work",
            "The request could not be understood. Go back, reload the page and try again.",
        ),
        503 => (
            "Not available right now",
            "The service is unavailable at the moment. You have not been signed out. Please try again shortly.",
        ),
        _ => ("Something went wrong", "The error is on our side and has been logged. Please try again."),
    }
}

/// On the page for a request that came from another site.
pub mod cross_site {
    pub const HEADING: &str = "That was not carried out";
    /// Around the address of this site.
    pub const TEXT: [&str; 2] =
        ["The request did not come from a page of ", " itself. Open that address and try again there."];
    /// For those who are at the right address.
    pub const HINT: &str = "If you are there already, an extension or a proxy hides where requests come from. \
        Switch it off for this site, or use another browser.";
    /// For programs; the address of this site follows.
    pub const FOR_PROGRAMS: &str = "A program has to send the header Origin: ";
}

/// The link on the page of an error.
pub const START_PAGE: &str = "Go to the start page";
/// The same after a form.
pub const BACK_TO_FORM: &str = "Back to the form";
/// The same after a page that may be asked for again.
pub const TRY_AGAIN: &str = "Try again";

/// How long to wait stands between them.
pub const WAIT: [&str; 2] = ["Please wait ", ", then try again."];
pub const WAIT_OVER: &str = "You can try again now.";

/// How long to wait; zero seconds if it is not known.
pub fn wait(seconds: u32) -> String {
    let [before, after] = WAIT;
    let time = if seconds == 0 { "a moment".to_owned() } else { remaining(seconds) };
    before.to_owned() + &time + after
}

/// The label of a button that has to wait.
pub fn try_again_in(seconds: u32) -> String {
    "Try again in ".to_owned() + &remaining(seconds)
}
/// On the page of an error, before the request id.
pub const ERROR_REFERENCE: &str = "Reference: ";

/// The message for an error within a page.
pub fn error(error: AppError) -> String {
    let message = match error {
        AppError::TooMany { seconds } => return "Too many attempts. ".to_owned() + &wait(seconds),
        AppError::SignInRequired => "Please sign in to continue.",
        AppError::ConfirmRequired => "Please confirm that it is you.",
        AppError::Forbidden => "You don't have access to this.",
        AppError::CrossSite => {
            "This page is not at the address of the site, or something hides where it is. Open the site at its own address and try again."
        }
        AppError::BadRequest => "The form could not be read. Reload the page and try again.",
        AppError::TooLarge => "That is more than this site accepts. Shorten it and try again.",
        AppError::Busy => "Many people are signing in right now. Please try again in a few seconds.",
        AppError::Unavailable => "The service is unavailable at the moment. Please try again shortly.",
        AppError::Internal => "Something went wrong on our side. Please try again.",
        AppError::Unreachable => "The server could not be reached. Check your connection and try again.",
    };
    message.to_owned()
}

/// The response could not be read: it came from a newer version of the server, or from a proxy.
pub const UNKNOWN_ANSWER: &str =
    "The answer could not be understood. Reload the page to see whether it worked.";
