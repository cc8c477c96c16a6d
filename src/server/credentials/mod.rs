//! What people authenticate with: passwords.

mod password_hasher;
mod password_rules;
mod password_strength;

pub use password_hasher::{PasswordError, PasswordHasher, Verification};
pub use password_rules::{MAX_PASSWORD_LENGTH, check_new_password};
pub use password_strength::PasswordRater;
