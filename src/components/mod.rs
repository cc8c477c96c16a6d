//! Pieces that pages are made of.

mod entry;
mod form;
mod guard;
mod icons;
mod layout;
mod new_password;
mod notice;
mod refused;
mod session_watch;
mod time;
mod words;

pub use entry::{EntryState, link_keeping, return_address};
pub use form::{FormError, Hidden, PasswordField, SubmitButton, TextField, Username};
pub use guard::Guard;
pub use icons::{Door, Mark};
pub use layout::{EntryLayout, PageLayout, PlainLayout};
pub use new_password::NewPasswordField;
pub use refused::Failure;
pub use session_watch::SessionWatch;
pub use time::Time;
pub use words::farewell;
