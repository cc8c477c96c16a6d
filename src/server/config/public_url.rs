//! The address that visitors type.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::error::ConfigError;

/// An origin: scheme, host and port (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// As browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The name or the address of the host, without a port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The host as the domain of an email address: an address of a machine is written in brackets (RFC 5321, 4.1.3).
    pub fn mail_domain(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv4(address)) => format!("[{address}]"),
            Some(Host::Ipv6(address)) => format!("[IPv6:{address}]"),
            _ => self.host().to_owned(),
        }
    }

    /// A link to a path of this site.
    pub fn link(&self, path: &str) -> String {
        self.origin() + path
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The port, if it is not that of the scheme and the host is this machine.
    pub fn loopback_port(&self) -> Option<u16> {
        self.0.port().filter(|_| self.is_loopback())
    }

    /// False for this machine and for addresses, where HSTS would do harm or nothing (RFC 6797, 8.1.1).
    pub fn is_domain(&self) -> bool {
        matches!(self.0.host(), Some(Host::Domain(_))) && !self.is_loopback()
    }

    /// Host, and the port unless it is that of the scheme, as browsers send them in `Host`.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    pub(super) fn validate(&self, allow_insecure: bool) -> Result<(), ConfigError> {
        let invalid = |problem: &str| ConfigError::invalid("public_url", problem);
        let bare = self.0.path() == "/" && self.0.query().is_none() && self.0.fragment().is_none();
        let anonymous = self.0.username().is_empty() && self.0.password().is_none();
        match self.0.scheme() {
            _ if !bare || !anonymous => Err(invalid("only scheme, host and port, as in https://app.example")),
            "https" => Ok(()),
            "http" if self.is_loopback() || allow_insecure => Ok(()),
            "http" => Err(invalid(
                "http sends passwords in the clear to anything but this machine; use https, or set http.allow_insecure_origin",
            )),
            _ => Err(invalid("the scheme is neither https nor http")),
        }
    }

    /// True if it names this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
            Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
            None => false,
        }
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Url::parse(&text)
            .map(Self)
            .map_err(|error| format!("{text:?} is no URL such as https://app.example: {error}"))
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.origin()
    }
}
