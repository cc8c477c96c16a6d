//! Pieces that pages are made of.

mod entry;
mod form;
mod guard;
mod icons;
mod layout;
mod new_password;
mod time;
mod words;

pub use entry::{EntryState, link_keeping, return_address};
pub use form::{FormError, Hidden, PasswordField, SubmitButton, TextField};
pub use guard::Guard;
pub use icons::Mark;
pub use layout::{EntryLayout, PageLayout, PlainLayout};
pub use new_password::NewPasswordField;
pub use time::Time;
