//! Server functions: a signature, a guard, and a call into `server`.
//!
//! Every function has a fixed `endpoint`, so that a tab opened before a deployment still finds it
//! afterwards, and a line in the table of [`crate::access`].

mod activity;
mod change_password;
mod confirm;
mod home;
mod rate_password;
mod register;
mod rename;
mod sessions;
mod sign_in;
mod sign_out;

pub use activity::{LoadActivity, load_activity};
pub use change_password::{ChangePassword, change_password};
pub use confirm::{Confirm, confirm};
pub use home::{LoadHome, load_home};
pub use rate_password::{RatePassword, rate_password};
pub use register::{Register, register};
pub use rename::{Rename, rename};
pub use sessions::{
    EndOtherSessions, EndSession, LoadSessions, Stay, end_other_sessions, end_session, load_sessions, stay,
};
pub use sign_in::{SignIn, sign_in};
pub use sign_out::{SignOut, sign_out};
