//! A session engine without the application around it.

use std::sync::Arc;

use axum::{
    Extension, Router, body::Body, extract::Request, middleware::from_fn_with_state, response::Response,
    routing::get,
};
use http::header;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt;
use vestibule::server::{
    db::Dialect,
    domain::{AccountId, Client, Entropy},
    http::middleware::{Sessions, attach},
    sessions::{Authentication, Engine, Identity, Key, Lifetimes, Method, RequestSession, SessionCookie},
    signing_keys,
    system::SystemEntropy,
};

use super::{
    ControlledStore, InPostgres, InSqlite, ManualClock, StoreUnderTest, Stores, installation::default_config,
};

/// The authentication of every sign-in here.
pub const AUTHENTICATION: Authentication = Authentication { method: Method::Password, credential_version: 0 };

/// An engine with a store and a clock of its own.
pub struct Fixture {
    pub clock: Arc<ManualClock>,
    pub store: Arc<ControlledStore>,
    pub engine: Arc<Engine>,
    pub cookie: Arc<SessionCookie>,
    _backend: Arc<dyn StoreUnderTest>,
}

impl Fixture {
    /// With sessions in the chosen database.
    pub async fn new() -> Self {
        match Stores::chosen().database {
            Dialect::Sqlite => Self::with_store(Arc::new(InSqlite::empty().await)),
            Dialect::Postgres => Self::with_store(Arc::new(InPostgres::empty().await)),
        }
    }

    /// With any store.
    pub fn with_store(backend: Arc<dyn StoreUnderTest>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let keys = signing_keys::load_or_create(&folder.path().join("secret.key"), &*entropy).expect("keys");
        let config = default_config().sessions;
        let clock = Arc::new(ManualClock::new());
        let store = Arc::new(ControlledStore::new(backend.store()));
        let engine = Engine::new(
            store.clone(),
            Lifetimes::new(config.clone()),
            clock.clone(),
            entropy,
            config.max_per_account,
            config.store_timeout,
        );
        let cookie = Arc::new(SessionCookie::new(false, keys.into()));
        Self { clock, store, engine: Arc::new(engine), cookie, _backend: backend }
    }

    /// Adds the session middleware, and nothing else, to the routes.
    pub fn wrap(&self, routes: Router) -> Router {
        let sessions = Sessions { engine: self.engine.clone(), cookie: self.cookie.clone() };
        routes.layer(from_fn_with_state(sessions, attach))
    }

    /// One request to `/` with this cookie; returns the cookie that was set.
    pub async fn send(&self, routes: Router, cookie: &str) -> Option<String> {
        let response = self.wrap(routes).oneshot(request("/", cookie)).await.expect("a response");
        assert!(response.status().is_success(), "{response:?}");
        set_cookie(&response)
    }

    /// Writes these keys in one request; returns the cookie that was set.
    pub async fn write(
        &self,
        cookie: &str,
        pairs: &'static [(&'static str, &'static str)],
    ) -> Option<String> {
        let write = async move |Extension(session): Extension<RequestSession>| {
            for (key, value) in pairs {
                session.insert(&Key::new(key), value).await.expect("inserted");
            }
        };
        self.send(Router::new().route("/", get(write)), cookie).await
    }

    /// Starts a remembered session: its cookie is set again whenever the session is extended.
    pub async fn sign_in_remembered(&self) -> String {
        self.sign_in("").await.expect("a cookie")
    }

    /// Signs in with "Keep me signed in"; returns the cookie that was set.
    pub async fn sign_in(&self, cookie: &str) -> Option<String> {
        let sign_in = async |Extension(session): Extension<RequestSession>| {
            let account = AccountId::new("alice".to_owned());
            let identity = Identity { account, authentication: AUTHENTICATION, remembered: true };
            session.sign_in(identity).await.expect("signed in");
        };
        self.send(Router::new().route("/", get(sign_in)), cookie).await
    }

    /// Ends the session; returns the cookie that was set.
    pub async fn sign_out(&self, cookie: &str) -> Option<String> {
        let sign_out = async |Extension(session): Extension<RequestSession>| {
            session.sign_out().await.expect("signed out");
        };
        self.send(Router::new().route("/", get(sign_out)), cookie).await
    }

    /// All values of the session; null if there is none.
    pub async fn read(&self, cookie: &str) -> Value {
        let session = self.session_after_response(cookie).await;
        json!(session.stored().map(|stored| stored.values.clone()))
    }

    /// The session of a request with this cookie, not closed yet.
    pub async fn open(&self, cookie: &str) -> RequestSession {
        let cookie = self.cookie.read(request("/", cookie).headers());
        RequestSession::open(self.engine.clone(), cookie, Client::command_line(), true).await
    }

    /// The session of a request, after its response has been sent.
    pub async fn session_after_response(&self, cookie: &str) -> RequestSession {
        let (sender, mut sessions) = mpsc::unbounded_channel();
        let send_session = async move |Extension(session): Extension<RequestSession>| {
            sender.send(session).expect("the test listens");
        };
        self.send(Router::new().route("/", get(send_session)), cookie).await;
        sessions.recv().await.expect("a session")
    }
}

pub fn request(path: &str, cookie: &str) -> Request {
    Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).expect("a request")
}

/// The cookie that was set, as the browser sends it back.
pub fn set_cookie(response: &Response) -> Option<String> {
    let line = response.headers().get(header::SET_COOKIE)?.to_str().expect("ASCII");
    line.split(';').next().map(str::to_owned)
}
