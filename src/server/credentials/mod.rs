//! What people authenticate with: passwords, and the links in mails.

mod common_passwords;
mod context_words;
mod hashing_queue;
mod hashing_threads;
mod mailed_token;
mod password_hash;
mod password_hasher;
mod password_rules;
mod password_strength;

pub use common_passwords::{Shape, fold};
pub use context_words::Context;
pub use hashing_queue::Priority;
pub use mailed_token::{MailedToken, Purpose};
pub use password_hash::{PasswordError, Verification};
pub use password_hasher::PasswordHasher;
pub use password_rules::{MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, check_new_password, is_common_password};
pub use password_strength::PasswordRater;
