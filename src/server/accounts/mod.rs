//! Use cases: what people do with their accounts. No SQL, no HTTP.

mod email;
mod home;
mod name;
mod register;
mod sign_in;
mod sign_out;
mod text;

pub use home::home;
pub use register::{RegisterForm, register};
pub use sign_in::{SignInForm, sign_in};
pub use sign_out::sign_out;
