use crate::server::domain::AccountId;

/// Who signs in.
#[derive(Clone, Debug)]
pub struct Identity {
    pub account: AccountId,
    pub authentication: Authentication,
    /// "Keep me signed in" was chosen.
    pub remembered: bool,
}

/// How an account was authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Authentication {
    pub method: Method,
    /// The version of the credentials that were compared.
    pub credential_version: i64,
}

/// An authentication method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Password,
}

impl Method {
    /// The name by which it is stored, from RFC 8176 where it has one.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Password => "pwd",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Method::Password].into_iter().find(|method| method.as_str() == text)
    }
}
