//! What becomes WebAssembly: Leptos components that are rendered on the server and hydrated in the
//! browser, one per file, with the HTML around them.
//!
//! A small script (`public/start.js`) hydrates each of them separately. One that fails affects no other, and
//! its HTML works as without JavaScript. Islands have no properties, which would have to be sent as JSON;
//! they read the elements around them.

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
