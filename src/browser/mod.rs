//! Calls to browser APIs. They run in effects and event handlers, never on the server.

pub mod clock;
pub mod drafts;
pub mod forms;
mod json;
pub mod navigation;
pub mod page;
pub mod post;
pub mod session_events;

pub use json::JsJson;
