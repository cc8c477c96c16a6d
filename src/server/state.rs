//! Every long-lived handle that use cases and pages need.

use std::{ops::Deref, sync::Arc};

use super::{
    config::Config,
    credentials::{PasswordHasher, PasswordRater},
    db::Database,
    domain::{Clock, Entropy},
    limits::Limits,
    mail::Mailer,
    sessions::Engine,
};
use crate::access::Policy;

/// Shared by all requests; a clone is one pointer.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Handles>);

#[derive(Debug)]
pub struct Handles {
    pub config: Config,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub db: Database,
    pub sessions: Arc<Engine>,
    pub limits: Arc<Limits>,
    pub hasher: PasswordHasher,
    pub rater: PasswordRater,
    pub mailer: Mailer,
}

impl AppState {
    pub fn new(handles: Handles) -> Self {
        Self(Arc::new(handles))
    }
}

impl Deref for AppState {
    type Target = Handles;

    fn deref(&self) -> &Handles {
        &self.0
    }
}
