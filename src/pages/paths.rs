//! Paths that pages link to and that are no pages.

use crate::access::{Access, Declared};

/// Where people download their data: a file.
pub const DATA: &str = "/account/data";
/// Every download.
pub const DOWNLOADS: &[Declared] = &[(DATA, Access::RecentlyAuthenticated)];

/// The page with the link to it.
pub const DATA_PAGE: &str = "/account";

/// Where password managers send people to change a password (W3C, a well-known URL for changing passwords).
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";

/// Where developers see the last mail.
pub const LAST_MAIL: &str = "/outbox/last";
