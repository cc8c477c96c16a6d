//! What becomes WebAssembly: Leptos components that are rendered on the server and hydrated in the
//! browser, one a file, with the pieces of HTML that they belong to.
//!
//! A script of a few lines (`public/start.js`) hydrates each by itself: one that fails leaves the others
//! alone, and its own HTML as it works without JavaScript. Islands have no properties, which would have
//! to travel as JSON: they read the elements that they stand in.

mod form;
mod new_password_field;
mod password_field;
mod session_card;
mod session_events;
mod sign_out;

pub use form::Form;
pub use new_password_field::NewPasswordField;
pub use password_field::PasswordField;
pub use session_card::SessionCard;
pub use session_events::SessionEventListener;
pub use sign_out::SignOutForm;
