//! How mails are sent.

use std::time::Duration;

use lettre::{Address, message::Mailbox};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{error::ConfigError, public_url::PublicUrl, secret_url::SecretUrl};
use crate::words::PRODUCT;

/// How mails are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// `smtps://…` or `smtp://…`; empty for files in the data folder.
    pub url: SecretUrl,
    /// The sender; empty for one of the host in `public_url`.
    pub from: String,
    /// How long the server of a URL may take to accept a mail.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}

impl MailConfig {
    /// How long sending one mail may take at the most.
    pub const MAX_TIMEOUT: Duration = Duration::from_secs(60);

    /// Whether mails reach people. Otherwise they are files, for development.
    pub fn is_sent(&self) -> bool {
        !self.url.expose().is_empty()
    }

    /// Whether the URL has a path, the name by which the server is greeted.
    pub fn names_client(&self) -> bool {
        Url::parse(self.url.expose()).is_ok_and(|url| url.path().len() > 1)
    }

    /// The sender of mails.
    ///
    /// # Errors
    /// If it is no address.
    pub fn sender(&self, public_url: &PublicUrl) -> Result<Mailbox, ConfigError> {
        if self.from.is_empty() {
            // An address of a machine, in brackets, may stand in a mail and cannot be parsed from one.
            let domain = if public_url.is_domain() { public_url.host() } else { "localhost" };
            return Address::new("no-reply", domain)
                .map(|address| Mailbox::new(Some(PRODUCT.to_owned()), address))
                .map_err(|_| ConfigError::invalid("mail.from", "public_url has no name: set the sender"));
        }
        self.from.parse().map_err(|_| {
            let problem = format!("\"{}\" is no sender such as Example <no-reply@example.org>", self.from);
            ConfigError::invalid("mail.from", problem)
        })
    }

    pub(super) fn validate(&self, public_url: &PublicUrl) -> Result<(), ConfigError> {
        self.sender(public_url)?;
        if self.timeout.is_zero() || self.timeout > Self::MAX_TIMEOUT {
            return Err(ConfigError::invalid("mail.timeout", "more than nothing, and no more than 60s"));
        }
        if !self.is_sent() {
            return Ok(());
        }
        let invalid = |problem: &str| Err(ConfigError::invalid("mail.url", problem));
        match Url::parse(self.url.expose()) {
            Ok(url) if !["smtp", "smtps"].contains(&url.scheme()) => {
                invalid("the scheme is neither smtps nor smtp")
            }
            Ok(url) if url.host_str().is_none_or(str::is_empty) => invalid("there is no host"),
            // A slash in a password ends what it is part of, and the rest would be shown as the path.
            Ok(url) if url.path().contains(['@', ':', '%']) || url.fragment().is_some() => invalid(
                "letters in name and password that mean something in a URL are written in percent: / is %2F, @ is %40",
            ),
            Ok(url) if has_unknown_parameter(&url) => {
                invalid("behind the ? it can only say tls=required or tls=opportunistic")
            }
            Ok(url) if is_in_the_clear(&url) => invalid(
                "mails hold links that give access to accounts: use smtps, or add ?tls=required (or ?tls=opportunistic \
                 for a relay in a network that nobody else can listen to)",
            ),
            Ok(_) => Ok(()),
            Err(_) => invalid("it is no URL such as smtps://name:password@smtp.example.org"),
        }
    }
}

fn has_unknown_parameter(url: &Url) -> bool {
    const KNOWN: [&str; 2] = ["required", "opportunistic"];
    url.query_pairs().any(|(name, value)| name != "tls" || !KNOWN.contains(&&*value))
}

/// Without TLS; a relay on this machine needs none.
fn is_in_the_clear(url: &Url) -> bool {
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "smtp" && !is_loopback && !url.query_pairs().any(|(name, _)| name == "tls")
}
