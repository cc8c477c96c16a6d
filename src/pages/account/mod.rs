//! The pages below `/account`.

mod activity;
mod overview;
mod security;
mod sessions;

pub use activity::ActivityPage;
pub use overview::AccountPage;
pub use security::SecurityPage;
pub use sessions::SessionsPage;
