//! Labels and hints of form fields.

pub const NAME: &str = "Name";
pub const EMAIL: &str = "Email";
pub const PASSWORD: &str = "Password";
pub const CURRENT_PASSWORD: &str = "Current password";
pub const NEW_PASSWORD: &str = "New password";
/// For a new password; the rule is in `server::credentials`.
pub const PASSWORD_HINT: &str = "At least 8 characters. A few unrelated words make a good one.";
/// The button in a password field.
pub const SHOW_PASSWORD: &str = "Show password";
/// For a new email address.
pub const NEW_EMAIL: &str = "New email address";
/// To delete an account, its email address is typed.
pub const CONFIRMATION: &str = "Your email address";
