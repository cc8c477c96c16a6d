//! Every long-lived handle.

use std::sync::Arc;

use super::{
    assets::Assets,
    clock::{Clock, Entropy},
    config::Config,
    credentials::{PasswordHasher, PasswordRater},
    db::Database,
    live::Streams,
    live_reload::LiveReload,
    sessions::Engine,
};

/// Shared by all requests; cloning it clones pointers.
#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub db: Database,
    pub sessions: Arc<Engine>,
    /// Open pages that listen for what happens to their session.
    pub live: Arc<Streams>,
    pub hasher: Arc<PasswordHasher>,
    pub rater: Arc<PasswordRater>,
    pub assets: Arc<Assets>,
    /// Set in development.
    pub live_reload: Option<Arc<LiveReload>>,
}
