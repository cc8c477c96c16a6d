//! The session engine.
//!
//! Application code sees a [`CurrentSession`] (and, for libraries made for it, the
//! `tower_sessions::Session` inside). Around it stand, from the outside in:
//!
//! - [`attach`], the middleware: reads the cookie, opens the session, and writes what the request
//!   changed before the head of the response leaves;
//! - [`SessionCookies`], which accepts nothing but a cookie that this server signed;
//! - [`Engine`], which knows the rules: ids, lifetimes, when an id is replaced;
//! - [`Store`], which keeps sessions. It never sees an id, only its hash, and no order of calls
//!   makes it bring an ended session back to life.

mod bridge;
mod cookie;
mod current;
mod device;
mod engine;
mod id;
mod key;
mod layer;
mod lifetimes;
mod method;
mod store;
mod stored;

pub use cookie::SessionCookies;
pub use current::{CurrentSession, Opened};
pub use device::{COMMAND_LINE, describe};
pub use engine::{Engine, Identity, Proof, SessionError};
pub use id::{Handle, IdHash, SessionId};
pub use key::Key;
pub use layer::{Background, attach};
pub use lifetimes::{Lifetimes, expiry_reason};
pub use method::Method;
pub use store::{Ending, Found, Lookup, MemoryStore, Selection, SqlStore, Store, StoreError};
pub use stored::{Changes, StoredSession, Values};
