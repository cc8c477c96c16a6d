//! What people prove themselves with.

mod hasher;
mod rules;
mod strength;

pub use hasher::{PasswordError, PasswordHasher, Verification};
pub use rules::{MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, check_new_password};
pub use strength::PasswordRater;
