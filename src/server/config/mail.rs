//! How mails are sent.

use std::time::Duration;

use lettre::{Address, message::Mailbox};
use serde::{Deserialize, Serialize};

use super::{
    bounds::{check_duration, duration},
    error::ConfigError,
    mail_url::MailUrl,
    public_url::PublicUrl,
    secret_url::SecretUrl,
};
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
    #[serde(with = "duration")]
    pub timeout: Duration,
}

impl MailConfig {
    /// How long sending one mail may take at the most.
    pub const MAX_TIMEOUT: Duration = Duration::from_secs(60);

    /// Whether mails reach people. Otherwise they are files, for development.
    pub fn is_sent(&self) -> bool {
        !self.url.expose().is_empty()
    }

    /// The mail server; `None` if mails are files.
    ///
    /// # Errors
    /// If the URL makes no sense. The error has no part of it: there may be a password in it.
    pub fn server(&self) -> Result<Option<MailUrl>, ConfigError> {
        let parse =
            || MailUrl::parse(self.url.expose()).map_err(|problem| ConfigError::invalid("mail.url", problem));
        self.is_sent().then(parse).transpose()
    }

    /// The sender of mails.
    ///
    /// # Errors
    /// If it is no address.
    pub fn sender(&self, public_url: &PublicUrl) -> Result<Mailbox, ConfigError> {
        if self.from.is_empty() {
            // Not parsed: an address of a machine in brackets is valid, but the crate does not know those of IPv6.
            let address = Address::new_dangerous("no-reply", public_url.mail_domain());
            return Ok(Mailbox::new(Some(PRODUCT.to_owned()), address));
        }
        let from = &self.from;
        from.parse().map_err(|_| {
            let problem = format!("\"{from}\" is no sender such as Example <no-reply@example.org>");
            ConfigError::invalid("mail.from", problem)
        })
    }

    pub(super) fn validate(&self, public_url: &PublicUrl) -> Result<(), ConfigError> {
        self.sender(public_url)?;
        check_duration("mail.timeout", self.timeout, Duration::from_millis(1)..=Self::MAX_TIMEOUT)?;
        self.server().map(drop)
    }
}
