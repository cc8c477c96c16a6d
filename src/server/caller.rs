//! Who is asking: account, session and client of a request.

use std::sync::Arc;

use super::{
    audit::{AuditError, AuditLog},
    domain::{Account, AccountId, Origin, SecurityEvent},
    limits::KnownDevices,
    sessions::{RequestSession, SessionError},
    state::AppState,
};
use crate::model::{SecurityEventKind, Viewer};

/// Who has made a request.
#[derive(Clone, Debug)]
pub struct Caller {
    pub state: AppState,
    pub session: RequestSession,
    /// The account that is signed in.
    pub account: Option<Arc<Account>>,
    /// No step-up is needed.
    pub recently_authenticated: bool,
    /// What the browser is known for.
    pub devices: KnownDevices,
}

impl Caller {
    pub fn new(state: AppState, session: RequestSession, devices: KnownDevices) -> Self {
        let account = session.account();
        let recently_authenticated =
            session.stored().is_some_and(|stored| state.sessions.is_recently_authenticated(&stored));
        Self { state, session, account, recently_authenticated, devices }
    }

    /// As the access policy sees the caller.
    pub fn viewer(&self) -> Viewer {
        match &self.account {
            Some(account) => {
                Viewer::SignedIn { admin: account.admin, recently_authenticated: self.recently_authenticated }
            }
            None => Viewer::Anonymous,
        }
    }

    /// The account of a page or server function that requires one.
    ///
    /// # Errors
    /// If no one is signed in.
    pub fn account(&self) -> Result<&Account, SessionError> {
        self.account.as_deref().ok_or(SessionError::Ended)
    }

    /// A security event in this request, of `account`.
    pub fn event(&self, kind: SecurityEventKind, account: Option<AccountId>) -> SecurityEvent {
        let session = self.session.stored().filter(|session| session.account == account);
        let handle = session.map(|session| session.handle.clone());
        SecurityEvent::new(kind, self.state.clock.now(), account, handle, self.session.client())
    }

    /// When and from where this request is made, for a mail about it.
    pub fn origin(&self) -> Origin {
        Origin::new(self.state.clock.now(), self.session.client())
    }

    /// Records a security event of a request that changes nothing else.
    ///
    /// # Errors
    /// If the audit log fails.
    pub async fn record(
        &self,
        kind: SecurityEventKind,
        account: Option<AccountId>,
    ) -> Result<(), AuditError> {
        self.state.db.record(&[self.event(kind, account)]).await
    }
}
