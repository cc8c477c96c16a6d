//! Building the application, apart from running it: tests boot this same builder.

mod background;
mod data;
mod error;

use std::{io, net::SocketAddr, sync::Arc};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{
    background::Process,
    data::{refuse_incomplete_copy, signing_keys},
};
pub use self::{
    data::{open_database, open_existing_database, session_engine, session_store},
    error::StartupError,
};
use super::{
    config::Config,
    credentials::{PasswordHasher, PasswordRater},
    db::Database,
    domain::{Clock, Entropy},
    http::{
        assets::Assets,
        document::Documents,
        listener,
        live_reload::LiveReload,
        rejected_forms::RejectedForms,
        router,
        session_events::Streams,
        state::{HttpHandles, HttpState},
    },
    sessions::{SessionCookie, Store},
    signing_keys::SigningKey,
    state::{AppState, Handles},
};
use crate::{access::Policy, api, pages};

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
        config: Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        replace: impl FnOnce(&Database, Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Result<Self, StartupError> {
        // Leptos asks for an executor even though rendering spawns nothing; one set before stays.
        let _ = any_spawner::Executor::init_tokio();
        let assets = Assets::find(&config.http.site_root)?;
        let db = open_database(&config).await?;
        let keys: Arc<[SigningKey]> = signing_keys(&config, &db, &*entropy)?.into();
        let address = config.http.listen;
        let listener =
            TcpListener::bind(address).await.map_err(|source| StartupError::Listen { address, source })?;
        let secure = config.public_url.is_https();
        let max_streams = config.sessions.event_streams;
        let store = replace(&db, session_store(&config, &db).await?);
        let process = Process::register(db.clone(), clock.clone(), &*entropy, &keys).await?;
        let process = Arc::new(process);
        // Now that a copy that begins would notice this process.
        if let Err(refused) = refuse_incomplete_copy(&db, &config).await {
            process.unregister().await;
            return Err(refused);
        }
        let engine = session_engine(&config, store, clock.clone(), entropy.clone());
        let app = AppState::new(Handles {
            policy: Policy::new(
                pages::all().iter().map(|page| (page.path, page.access)).collect(),
                api::FUNCTIONS,
            ),
            sessions: Arc::new(engine),
            hasher: PasswordHasher::new(entropy.clone()),
            rater: PasswordRater::default(),
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
            session_cookie: Arc::new(SessionCookie::new(secure, keys.clone())),
            rejected_forms: RejectedForms::new(secure, keys, clock),
            streams: Arc::new(Streams::new(max_streams, CancellationToken::new())),
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

    /// Serves until `stop`, then finishes the requests under way and closes the database.
    pub async fn run(self, stop: CancellationToken) {
        let (app, streams) = (self.state.app.clone(), self.state.streams.clone());
        let mut tasks = background::start(&self.process, &app.sessions, &app.config.audit, &streams, &stop);
        let serving = listener::serve(self.listener, self.router, &app.config.http, stop.clone());
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
        self.process.unregister().await;
        app.db.close().await;
    }
}
