//! What happened to an account or a session, as the audit log keeps it.

use std::time::Duration;

use ipnet::IpNet;

use super::{AccountId, Client, SessionHandle, Timestamp, network_of};
use crate::model::SecurityEventKind;

/// Refused attempts of the same kind within a minute are counted in one entry, for each account and network that they
/// come from: trying passwords does not fill the log.
const REFUSALS: Duration = Duration::from_secs(60);
/// What one session can do again and again is counted by the hour, so that a thief cannot push the entry of the
/// sign-in out of sight.
const ACTIONS: Duration = Duration::from_secs(60 * 60);

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

    /// What this event has in common with its repeats, which are counted in the entry of the first. `None` if each has
    /// an entry of its own.
    pub fn repeat_key(&self) -> Option<String> {
        let account = self.account.as_ref().map_or("", AccountId::as_str);
        let (name, whose, within) = match &self.kind {
            SecurityEventKind::SignInRefused => ("sign_in_refused", network(&self.address), REFUSALS),
            SecurityEventKind::StepUpRefused => ("step_up_refused", network(&self.address), REFUSALS),
            SecurityEventKind::PasswordChangeRefused => {
                ("password_change_refused", network(&self.address), REFUSALS)
            }
            SecurityEventKind::NameChanged => ("name_changed", self.session.as_ref()?.to_string(), ACTIONS),
            SecurityEventKind::SteppedUp => ("stepped_up", self.session.as_ref()?.to_string(), ACTIONS),
            _ => return None,
        };
        let period = self.at.millis().div_euclid(i64::try_from(within.as_millis()).unwrap_or(i64::MAX));
        Some(format!("{name} {account} {whose} {period}"))
    }
}

/// The network of an address, as text; an IPv4 address is alone in its own.
fn network(address: &str) -> String {
    match address.parse().map(network_of) {
        Ok(IpNet::V4(network)) => network.addr().to_string(),
        Ok(network) => network.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(at: i64, address: &str, account: Option<&str>) -> Option<String> {
        let client = Client { address: address.parse().expect("an address"), user_agent: String::new() };
        let account = account.map(|account| AccountId::new(account.to_owned()));
        let at = Timestamp::from_millis(at);
        SecurityEvent::new(SecurityEventKind::SignInRefused, at, account, None, &client).repeat_key()
    }

    #[test]
    fn refusals_of_an_account_from_a_network_within_a_minute_are_repeats() {
        let first = refusal(60_000, "2001:db8:1:2::3", Some("a"));
        assert_eq!(first.as_deref(), Some("sign_in_refused a 2001:db8:1:2::/64 1"));
        assert_eq!(refusal(119_999, "2001:db8:1:2:ffff::4", Some("a")), first);
        for other in [
            refusal(120_000, "2001:db8:1:2::3", Some("a")),
            refusal(60_000, "2001:db8:1:3::3", Some("a")),
            refusal(60_000, "2001:db8:1:2::3", Some("b")),
            refusal(60_000, "2001:db8:1:2::3", None),
            refusal(60_000, "203.0.113.9", Some("a")),
        ] {
            assert_ne!(other, first);
        }
        let of_ipv4 = refusal(0, "203.0.113.9", None);
        assert_eq!(of_ipv4.as_deref(), Some("sign_in_refused  203.0.113.9 0"));
        assert_eq!(refusal(0, "::ffff:203.0.113.9", None), of_ipv4);
    }
}
