//! Types that cross the wire between server and browser.
//!
//! No secret can be expressed in them: no password, token, session id or hash. What is here may
//! be read by whoever receives the page.

mod account;
mod ending;
mod error;
mod form;
mod home;
mod news;
mod next;
mod strength;
mod viewer;

pub use account::{Activity, ActivityEntry, ActivityPage, Method, SessionEntry};
pub use ending::EndReason;
pub use error::AppError;
pub use form::{
    Field, Flash, Form, FormOutcome, FormProblem, Notice, PASSWORD_LEAST, PASSWORD_MOST, Problem, Rejection,
    Typed,
};
pub use home::{Home, Moment};
pub use news::{SessionNews, SessionState};
pub use next::Next;
pub use strength::Strength;
pub use viewer::{SignedIn, Viewer};
