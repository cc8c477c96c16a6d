//! Use cases: what people do with their accounts. No SQL, no HTTP.

mod activity;
mod change_password;
mod confirm;
mod email;
mod name;
mod problems;
mod proof;
mod register;
mod rename;
mod sessions;
mod sign_in;
mod sign_out;
mod text;

pub use activity::{ActivityPage, activity};
pub use change_password::change_password;
pub use confirm::confirm;
pub use email::Email;
pub use register::{RegisterForm, register};
pub use rename::rename;
pub use sessions::{end_other_sessions, end_session, sessions};
pub use sign_in::{SignInForm, sign_in};
pub use sign_out::sign_out;
