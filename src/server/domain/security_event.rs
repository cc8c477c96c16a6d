use super::{AccountId, Client, SessionHandle, Timestamp};
use crate::model::SecurityEventKind;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    pub at: Timestamp,
    /// `None` for a sign-in that was refused because there is no such account.
    pub account: Option<AccountId>,
    /// The session in which it happened, or to which.
    pub session: Option<SessionHandle>,
    /// The address of the client. For an expired session, the one that it was started from.
    pub address: String,
    pub user_agent: String,
    pub kind: SecurityEventKind,
}

impl SecurityEvent {
    pub fn new(
        kind: SecurityEventKind,
        at: Timestamp,
        account: Option<AccountId>,
        session: Option<SessionHandle>,
        client: &Client,
    ) -> Self {
        let (address, user_agent) = (client.address.to_string(), client.user_agent.clone());
        Self { at, account, session, address, user_agent, kind }
    }
}
