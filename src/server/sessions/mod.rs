//! The session engine.
//!
//! Application code sees a [`RequestSession`] (and, for libraries made for it, the
//! `tower_sessions::Session` inside). Behind it:
//!
//! - [`SessionCookie`], which accepts only a cookie that this server signed;
//! - [`Engine`], which knows the rules: ids, lifetimes, when an id is replaced, when a session is over;
//! - [`Store`], which keeps sessions. It never sees an id, only its hash, and no order of calls
//!   makes it bring an ended session back to life.
//!
//! The middleware that opens and closes the session of each request is `http::middleware::session`.

mod audit_events;
mod authentication;
mod cookie;
mod cookie_names;
mod engine;
mod error;
mod event;
mod id;
mod key;
mod lifetimes;
mod request_session;
mod request_state;
mod signed_cookie;
mod status;
mod store;
mod stored_session;
mod tower;

pub use audit_events::{expiry_event, revocation_event, unreadable_session_event};
pub use authentication::{Authentication, Identity, Method};
pub use cookie::{SessionCookie, VerifiedCookie};
pub use cookie_names::CookieNames;
pub use engine::{Engine, PURGE_BATCH_TIMEOUT};
pub use error::SessionError;
pub use event::{request_event, session_event, session_times};
pub use id::{IdHash, SessionId};
pub use key::Key;
pub use lifetimes::{LatestExpiry, Lifetimes, expiry_reason, forgotten_at};
pub use request_session::{ClosedSession, RequestSession};
pub use signed_cookie::{SignedCookie, Verified};
pub use status::{CookieChange, SessionStatus};
pub use store::{
    EndedBatch, LiveSession, Lookup, Revocation, Selection, SqlStore, Store, StoreError, ValkeyError,
    ValkeyStore,
};
pub use stored_session::{Changes, StoredSession, Values, apply};
