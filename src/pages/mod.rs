//! One page a file, named like its URL.

mod account;
mod confirm;
mod error;
mod home;
mod login;
mod register;

pub use account::{AccountPage, ActivityPage, SecurityPage, SessionsPage};
pub use confirm::ConfirmPage;
pub use error::{ErrorPage, NotFoundPage, words as error_words};
pub use home::HomePage;
pub use login::LoginPage;
pub use register::RegisterPage;
