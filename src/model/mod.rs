//! Types that cross the wire between server and browser.
//!
//! No secret can be expressed in them: no password, token, session id or hash. What is here may be
//! read by everyone who receives the page.

mod display_time;
mod end_reason;
mod error;
mod form;
mod json;
mod return_to;
mod security_event;
mod session_event;
mod strength;
mod viewer;

pub use display_time::DisplayTime;
pub use end_reason::EndReason;
pub use error::AppError;
pub use form::{FormOutcome, RejectedForm, Rejection};
pub use json::{FromJson, Json};
pub use return_to::ReturnTo;
pub use security_event::SecurityEventKind;
pub use session_event::{SessionEvent, SessionState, SessionTimes};
pub use strength::Strength;
pub use viewer::Viewer;
