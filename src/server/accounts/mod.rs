//! Use cases: what people do with their accounts. They know neither SQL, nor forms, nor URLs, nor HTTP.

mod activity;
mod change_password;
mod confirm;
mod email;
mod invisible;
mod name;
mod password;
mod problems;
mod register;
mod rename;
mod sessions;
mod sign_in;

pub use crate::server::db::events::{Entry, Filter};
pub use activity::{ActivityPage, activity};
pub use change_password::change_password;
pub use confirm::confirm;
pub use email::Email;
pub use problems::{AccountError, Problems};
pub use register::{Registration, register};
pub use rename::rename;
pub use sessions::{EndedSession, SessionsPage, end_other_sessions, end_session, sessions, sign_out};
pub use sign_in::{Credentials, sign_in};
