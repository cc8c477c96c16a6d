//! The server. Nothing here exists in the browser's build, and no `cfg` stands below this line.

pub mod accounts;
pub mod assets;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod db;
pub mod display_time;
pub mod document;
pub mod error;
pub mod listener;
pub mod live;
pub mod live_reload;
pub mod middleware;
pub mod post_redirect_get;
pub mod request;
pub mod respond;
pub mod router;
pub mod secrets;
pub mod sessions;
pub mod startup;
pub mod state;
pub mod telemetry;
