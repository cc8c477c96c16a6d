//! What pages lead to that is no page.

use crate::access::Access;

/// Where people download their data: a file, and who may have it.
pub const DATA: (&str, Access) = ("/account/data", Access::RecentlyAuthenticated);

/// The page with the link to it.
pub const DATA_PAGE: &str = "/account";

/// Where developers see the last mail.
pub const LAST_MAIL: &str = "/outbox/last";
