use http::Uri;

use crate::{
    access,
    model::{AppError, EndReason, ReturnTo},
    server::{caller::Caller, domain::Account, sessions::SessionStatus},
    words,
};

/// In the query of a page: its form was rejected, and this is why, signed.
pub const REJECTED: &str = "rejected";

/// A request for a page that the caller may see.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub caller: Caller,
    pub uri: Uri,
    /// The token of the link in a mail that has led to this page. Anyone may have made it up.
    pub link: Option<String>,
}

impl PageRequest {
    /// The account of a page that requires one.
    ///
    /// # Errors
    /// If no one is signed in.
    pub fn account(&self) -> Result<&Account, AppError> {
        Ok(self.caller.account()?)
    }

    /// The first value of a name in the query, decoded; `None` if it is missing or not UTF-8.
    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.uri.query()?.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The number of a page of a long list, `?page=`; they count from 1.
    pub fn page_number(&self) -> u32 {
        self.query("page").and_then(|page| page.parse().ok()).unwrap_or(1)
    }

    /// The return address in the query, if it leads to a page.
    pub fn return_to(&self) -> Option<ReturnTo> {
        self.caller.state.policy.return_to(ReturnTo::from_query(self.uri.query()?)?.as_str())
    }

    /// A message for a person whose browser has not kept the cookie of the form before.
    pub fn no_cookie_notice(&self) -> Option<String> {
        let is_anonymous = self.caller.session.status() == SessionStatus::Anonymous;
        let is_marked = [access::SIGNED_IN, REJECTED].iter().any(|name| self.query(name).is_some());
        let origin = || self.caller.state.config.public_url.origin();
        (is_anonymous && is_marked).then(|| words::no_cookie(&origin()))
    }

    /// Why the session has ended that the cookie names; `None` if it has not.
    pub fn end_reason(&self) -> Option<EndReason> {
        match self.caller.session.status() {
            SessionStatus::Ended(reason) => Some(reason),
            SessionStatus::Anonymous | SessionStatus::Live | SessionStatus::Unavailable => None,
        }
    }
}
