//! Sending mails: over SMTP, or as files in development. What a mail says is made by `accounts`.

mod html;
mod message;
mod outbox;
mod send_error;
mod smtp;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::message::Mailbox;
use tokio::{sync::Notify, time::timeout};

pub use self::{
    message::{Mail, is_deliverable},
    outbox::OUTBOX,
    send_error::SendError,
};
use self::{outbox::Outbox, smtp::Smtp};
use super::config::{Config, ConfigError};

#[derive(Debug)]
enum Transport {
    Smtp(Smtp),
    Outbox(Outbox),
}

/// Sends mails.
#[derive(Debug)]
pub struct Mailer {
    transport: Transport,
    sender: Mailbox,
    /// Of `Message-ID`.
    domain: String,
    site: String,
    timeout: Duration,
    shown_in_development: bool,
    /// The last one, in development.
    last: Mutex<Option<Mail>>,
    new_mail: Notify,
}

impl Mailer {
    /// # Errors
    /// If a setting makes no sense.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let transport = match config.mail.server()? {
            Some(server) => Transport::Smtp(Smtp::new(server, config)?),
            None => Transport::Outbox(Outbox::new(&config.data_dir)),
        };
        let is_local = config.public_url.is_loopback() && config.http.listen.ip().is_loopback();
        Ok(Self {
            transport,
            sender: config.mail.sender(&config.public_url)?,
            domain: config.public_url.mail_domain(),
            site: config.public_url.origin(),
            timeout: config.mail.timeout,
            shown_in_development: is_local && !config.mail.is_sent(),
            last: Mutex::default(),
            new_mail: Notify::new(),
        })
    }

    /// Whether mails reach people.
    pub fn is_sent(&self) -> bool {
        matches!(self.transport, Transport::Smtp(_))
    }

    /// Whether pages show the last mail: on a developer's machine that no one else can reach.
    pub fn is_shown(&self) -> bool {
        self.shown_in_development
    }

    /// The last mail of this process, if it is shown.
    pub fn last(&self) -> Option<Mail> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// There is a mail in the queue: no need to wait until someone looks.
    pub fn wake(&self) {
        self.new_mail.notify_one();
    }

    /// Waits for [`wake`](Self::wake).
    pub async fn woken(&self) {
        self.new_mail.notified().await;
    }

    /// Shows whether the mail server answers, and takes name and password; that the disk has room is not tried.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&self, limit: Duration) -> Result<(), SendError> {
        match &self.transport {
            Transport::Smtp(smtp) => within(limit.min(self.timeout), smtp.check()).await,
            Transport::Outbox(_) => Ok(()),
        }
    }

    /// Sends a mail: once this returns `Ok`, the mail server (or the disk) has it.
    ///
    /// # Errors
    /// If it has not, or if that is not known.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = message::build(mail, &self.sender, &self.domain, &self.site)
            .map_err(|error| SendError::permanent(error.to_string()))?;
        match &self.transport {
            Transport::Smtp(smtp) => {
                let connection = within(self.timeout, smtp.send(&message)).await?;
                // A missing reply to QUIT must not look as if the mail had not been taken.
                tokio::spawn(timeout(self.timeout, connection.quit()));
            }
            Transport::Outbox(outbox) => outbox.write(mail, &message.formatted()).await?,
        }
        if self.shown_in_development {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(mail.clone());
        }
        Ok(())
    }
}

async fn within<T>(
    limit: Duration,
    talking: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    let talked = timeout(limit, talking).await;
    talked.map_err(|_| SendError::temporary("the mail server took too long".to_owned()))?
}
