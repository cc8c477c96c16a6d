//! Who is asking, and from where.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
};

use axum::extract::Request;
use http::{Uri, header, request::Parts};
use leptos::{prelude::use_context, server_fn::ServerFn};

use super::{
    audit::{Event, EventKind},
    db::accounts::{Account, AccountId},
    error::ServerError,
    sessions::{COMMAND_LINE, CurrentSession, Handle, SessionError},
    state::AppState,
};
use crate::{
    access::{self, Function},
    model::{AppError, EndReason, Viewer},
};

/// Longest user agent that is kept, in characters.
const LONGEST_USER_AGENT: usize = 256;

/// The address a request came from; set by the middleware that knows which proxies to believe.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// What a request tells of the machine it came from.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: IpAddr,
    pub user_agent: String,
}

impl Client {
    /// An operator at this very machine.
    pub fn command_line() -> Self {
        Self { address: Ipv4Addr::LOCALHOST.into(), user_agent: COMMAND_LINE.to_owned() }
    }

    pub fn of(request: &Request) -> Self {
        let address = request.extensions().get::<ClientAddress>();
        let user_agent = request.headers().get(header::USER_AGENT);
        Self {
            address: address.map_or(Ipv4Addr::UNSPECIFIED.into(), |address| address.0),
            user_agent: user_agent
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .map(|text| text.chars().take(LONGEST_USER_AGENT).collect())
                .unwrap_or_default(),
        }
    }
}

/// The account behind a request, or nobody.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub account: Option<Account>,
    pub session: Option<Handle>,
    /// Proved a short while ago that it is them.
    pub fresh: bool,
}

impl Visitor {
    /// As the access policy sees them.
    pub fn viewer(&self) -> Viewer {
        match &self.account {
            Some(account) => Viewer::SignedIn { admin: account.admin, recently_authenticated: self.fresh },
            None => Viewer::Anonymous,
        }
    }
}

/// In the extensions of a request that is a form posted by the browser itself.
#[derive(Clone, Debug, Default)]
pub struct NativeForm {
    destination: Arc<OnceLock<String>>,
}

impl NativeForm {
    /// Where the browser goes from here.
    pub fn destination(&self) -> Option<&str> {
        self.destination.get().map(String::as_str)
    }

    pub fn lead_to(&self, destination: String) {
        // A function has one outcome, so this is set once.
        let _ = self.destination.set(destination);
    }
}

/// A page that was asked for by a visitor who may see it.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub state: AppState,
    pub visitor: Visitor,
    pub session: CurrentSession,
    pub uri: Uri,
}

impl PageRequest {
    /// The account of a page that asks for one.
    ///
    /// # Errors
    /// If nobody is signed in.
    pub fn account(&self) -> Result<&Account, AppError> {
        self.visitor.account.as_ref().ok_or(AppError::SignInRequired)
    }

    /// The first value of a name in the query, decoded; `None` if it is missing or not UTF-8.
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.uri.query()?.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Why the session that the cookie names has ended, if it has.
    pub fn end_reason(&self) -> Option<EndReason> {
        self.session.ended()
    }
}

/// A visitor who was allowed to call a server function.
#[derive(Clone, Debug)]
pub struct Caller {
    pub state: AppState,
    /// The function.
    pub function: Function,
    /// Set for everyone who is signed in.
    pub account: Option<Account>,
    pub session: CurrentSession,
    /// Set when the function was called by a form without JavaScript.
    pub native_form: Option<NativeForm>,
}

/// The first line of every server function: judges again whether the visitor may call it, by what the
/// middleware found declared for its path. It fails closed for a function that the middleware has not
/// seen, such as one called by another.
///
/// # Errors
/// The refusal, typed; the island that called turns it into the way to sign-in.
pub fn require<F: ServerFn>() -> Result<Caller, AppError> {
    let missing = || {
        tracing::error!(function = F::PATH, "called outside of its request");
        AppError::Internal
    };
    let parts = use_context::<Parts>().ok_or_else(missing)?;
    let state = use_context::<AppState>().ok_or_else(missing)?;
    let function = parts.extensions.get::<Function>().copied();
    let function = function.filter(|function| function.path == F::PATH).ok_or_else(missing)?;
    let visitor = parts.extensions.get::<Visitor>().ok_or_else(missing)?;
    let session = parts.extensions.get::<CurrentSession>().ok_or_else(missing)?.clone();
    if let Some(refusal) = access::refusal(access::judge(function.access, visitor.viewer())) {
        return Err(refusal);
    }
    let native_form = parts.extensions.get::<NativeForm>().cloned();
    Ok(Caller { state, function, account: visitor.account.clone(), session, native_form })
}

impl Caller {
    /// The account of a caller who had to be signed in to get here.
    ///
    /// # Errors
    /// If nobody is.
    pub fn account(&self) -> Result<&Account, ServerError> {
        self.account.as_ref().ok_or(ServerError::Session(SessionError::Ended))
    }

    /// An event of this very request, by `account`.
    pub fn event(&self, kind: EventKind, account: Option<AccountId>) -> Event {
        let session = self.session.stored().filter(|session| session.account == account);
        let handle = session.map(|session| session.handle);
        Event::new(kind, self.state.clock.now(), account, handle, self.session.client())
    }
}
