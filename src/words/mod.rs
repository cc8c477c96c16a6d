//! Every sentence and label that people read: one place to read, mend and translate them.
//!
//! Labels and texts of a page stand in a module named like the page: `words::login::TITLE`. What depends
//! on a value is a function: `words::problem`, `words::relative`. A sentence with an element inside it is
//! an array of the text before the element and the text after it.
//!
//! Most texts are put into pages and outcomes by the server. What a browser says by itself (errors,
//! times, the end of a session) is compiled to WebAssembly: there, use integers and plain concatenation,
//! since float formatting alone would weigh more than all the sentences.

mod devices;
mod end_reasons;
mod errors;
pub mod fields;
pub mod mails;
mod notices;
mod pages;
mod password_strength;
mod problems;
mod security_events;
mod times;

pub use devices::{COMMAND_LINE, device};
pub use end_reasons::end_reason;
pub use errors::{
    BACK_TO_FORM, ERROR_REFERENCE, START_PAGE, TRY_AGAIN, UNKNOWN_ANSWER, WAIT, WAIT_OVER, cross_site, error,
    error_page, try_again_in, wait,
};
pub use notices::{Notice, no_cookie, notice};
pub use pages::{
    account, activity, check_up, confirm, forgot_password, home, invalid_link, layout, login, outbox, paging,
    register, report_sign_in, reset_password, security, session_end, sessions, undo_email_change,
    verify_email,
};
pub use password_strength::strength;
pub use problems::{Problem, problem};
pub use security_events::security_event;
pub use times::{MINUTES, ONE_SECOND, SECONDS, countdown, relative, remaining};

/// The name of the product, as titles and pages show it.
pub const PRODUCT: &str = "Vestibule";
/// What a page is about that only its account sees.
pub const DESCRIPTION: &str = "Your account, its sessions and its security.";
