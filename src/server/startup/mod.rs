//! Building the application, apart from running it: tests boot this same builder.

mod background;
mod backup;
mod check;
mod data;
mod error;
mod open_files;
mod warnings;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use self::{
    background::Process,
    data::{refuse_incomplete_copy, signing_keys},
};
pub use self::{
    backup::{Backup, BackupError, back_up},
    check::check,
    data::{open_database, open_existing_database, session_engine, session_store},
    error::StartupError,
    warnings::warnings,
};
use super::{
    config::Config,
    credentials::{PasswordHasher, PasswordRater},
    db::Database,
    domain::{Clock, Entropy},
    http::{
        assets::Assets,
        device_cookie::DeviceCookie,
        document::Documents,
        link_cookie::LinkCookie,
        listener,
        live_reload::LiveReload,
        middleware::SecurityHeaders,
        rejected_forms::RejectedForms,
        router,
        session_events::Streams,
        state::{HttpHandles, HttpState},
    },
    limits::Limits,
    mail::Mailer,
    sessions::{CookieNames, SessionCookie, Store},
    signing_keys::SigningKey,
    state::{AppState, Handles},
};
use crate::{access::Policy, api, pages};

/// What it takes at most to tell the other processes that this one stops, and to close the database.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(2);

/// The application, listening and ready to run.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: Router,
    state: HttpState,
    process: Arc<Process>,
}

impl Application {
    /// Opens everything that is needed to serve.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub async fn build(
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartupError> {
        Self::build_with_store(config, clock, entropy, |_, store| store).await
    }

    /// The same, with another session store in place of the configured one.
    ///
    /// # Errors
    /// What is missing, in a sentence.
    pub async fn build_with_store(
        mut config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        replace: impl FnOnce(&Database, Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Result<Self, StartupError> {
        // Leptos asks for an executor even though rendering spawns nothing; one set before stays.
        let _ = any_spawner::Executor::init_tokio();
        config.http.max_connections = open_files::max_connections(config.http.max_connections);
        let assets = Assets::find(&config.http.site_root)?;
        let hasher = PasswordHasher::new(&config.passwords, entropy.clone())?;
        let mailer = Mailer::new(&config)?;
        let db = open_database(&config).await?;
        for warning in warnings(&config) {
            tracing::warn!("{warning}");
        }
        let keys: Arc<[SigningKey]> = signing_keys(&config, &db, &*entropy)?.into();
        let address = config.http.listen;
        let listener = listener::bind(address).map_err(|source| StartupError::Listen { address, source })?;
        let cookie_names = CookieNames::new(&config);
        let origin = config.public_url.origin();
        let streams = Streams::new(&config.sessions, CancellationToken::new());
        let store = replace(&db, session_store(&config, &db).await?);
        let process = Process::register(db.for_background(), clock.clone(), &*entropy, &keys).await?;
        let process = Arc::new(process);
        // Now that a copy that begins would notice this process.
        if let Err(refused) = refuse_incomplete_copy(&db, &config).await {
            process.unregister().await;
            return Err(refused);
        }
        let limits = Limits::new(&config.limits, db.clone(), keys.clone(), clock.clone(), entropy.clone());
        let device_lifetime = config.limits.device_lifetime;
        let engine = session_engine(&config, store, clock.clone(), entropy.clone());
        let app = AppState::new(Handles {
            policy: Policy::new(
                pages::all().iter().map(|page| (page.path, page.access)).collect(),
                pages::DOWNLOADS,
                api::FUNCTIONS,
            ),
            sessions: Arc::new(engine),
            limits: Arc::new(limits),
            hasher,
            rater: PasswordRater::default(),
            mailer,
            config,
            clock: clock.clone(),
            entropy,
            db,
        });
        let live_reload = LiveReload::from_environment();
        let state = HttpState::new(HttpHandles {
            app,
            documents: Documents::new(&assets, live_reload.as_ref()),
            assets,
            live_reload,
            origin,
            session_cookie: Arc::new(SessionCookie::new(&cookie_names, keys.clone())),
            rejected_forms: RejectedForms::new(&cookie_names, keys.clone(), clock.clone()),
            link_cookie: LinkCookie::new(&cookie_names, keys.clone()),
            device_cookie: DeviceCookie::new(&cookie_names, keys, device_lifetime, clock),
            streams: Arc::new(streams),
        });
        Ok(Self { listener, router: router::router(&state), state, process })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub fn state(&self) -> &HttpState {
        &self.state
    }

    /// Serves until `stop`, then finishes the requests under way and closes the database, all of it within
    /// `http.shutdown_timeout`.
    pub async fn run(self, stop: CancellationToken) {
        let (app, streams) = (self.state.app.clone(), self.state.streams.clone());
        let (http, headers) = (&app.config.http, SecurityHeaders::new(&self.state));
        let closing_timeout = CLOSING_TIMEOUT.min(http.shutdown_timeout / 2);
        let finishing_timeout = http.shutdown_timeout - closing_timeout;
        let mut tasks = background::start(&self.process, &app, &streams, &stop, finishing_timeout);
        let clock = app.clock.clone();
        let serving = listener::serve(
            self.listener,
            self.router,
            http,
            clock,
            &headers,
            stop.clone(),
            finishing_timeout,
        );
        let ending_streams = async {
            stop.cancelled().await;
            streams.stop();
        };
        let watching = async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a background task failed");
                }
            }
        };
        tokio::join!(serving, ending_streams, watching);
        let closing = async {
            self.process.unregister().await;
            app.db.close().await;
        };
        if timeout(closing_timeout, closing).await.is_err() {
            tracing::warn!("the database could not be closed in time");
        }
    }
}
