//! HTTP: from an accepted connection to the bytes of a response.

pub mod assets;
mod data;
pub mod device_cookie;
pub mod document;
mod files;
mod functions;
pub mod link_cookie;
pub mod listener;
pub mod live_reload;
pub mod middleware;
mod other_spellings;
mod outbox;
mod post_redirect_get;
mod probes;
pub mod rejected_forms;
mod responses;
pub mod router;
pub mod session_events;
pub mod state;
