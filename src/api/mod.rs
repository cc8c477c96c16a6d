//! Server functions: a signature, a guard, and a call into `server`.
//!
//! Every function has a fixed `endpoint`, so that a tab opened before a deployment still finds it
//! afterwards, and a line in the table of [`crate::access`].

mod home;
mod rate_password;
mod register;
mod sign_in;
mod sign_out;

pub use home::{LoadHome, load_home};
pub use rate_password::{RatePassword, rate_password};
pub use register::{Register, register};
pub use sign_in::{SignIn, sign_in};
pub use sign_out::{SignOut, sign_out};
