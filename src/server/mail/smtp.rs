//! Mails over SMTP (RFC 5321), by the crate `lettre`: its connections, not its transport. That waits for the reply to QUIT of
//! the server after a mail was taken, and if there is none, a mail that was sent looks like one that was not.

use std::time::Duration;

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, Tls, TlsParameters},
        extension::ClientId,
    },
};

use super::send_error::SendError;
use crate::server::{
    config::{Config, ConfigError, MailTls, MailUrl},
    domain::plain_text,
};

/// How much of what a mail server has answered is kept, in characters.
const MAX_ANSWER: usize = 300;

/// A mail server.
#[derive(Debug)]
pub struct Smtp {
    server: MailUrl,
    tls: Tls,
    /// Of this machine.
    name: ClientId,
    timeout: Duration,
}

/// A connection by which a mail was sent.
pub struct Sent(AsyncSmtpConnection);

impl Smtp {
    /// # Errors
    /// If there are no certificates to verify that of the server with.
    pub fn new(server: MailUrl, config: &Config) -> Result<Self, ConfigError> {
        let parameters = || {
            let unusable = |error| ConfigError::invalid("mail.url", format!("TLS cannot be used ({error})"));
            TlsParameters::new(server.host.clone()).map_err(unusable)
        };
        let tls = match server.tls {
            MailTls::Implicit => Tls::Wrapper(parameters()?),
            MailTls::Required => Tls::Required(parameters()?),
            MailTls::Opportunistic => Tls::Opportunistic(parameters()?),
            MailTls::Never => Tls::None,
        };
        // Some servers refuse 127.0.0.1, which the crate would say.
        let name = server.client_name.clone().unwrap_or_else(|| config.public_url.mail_domain());
        Ok(Self { server, tls, name: ClientId::Domain(name), timeout: config.mail.timeout })
    }

    /// Sends a message; once this returns `Ok`, the server has taken it.
    pub async fn send(&self, message: &Message) -> Result<Sent, SendError> {
        let sending = async {
            let mut connection = self.connect().await?;
            connection.send(message.envelope(), &message.formatted()).await?;
            Ok(Sent(connection))
        };
        sending.await.map_err(|error: Error| of_smtp(&error))
    }

    /// Connects, with name and password, and sends nothing.
    pub async fn check(&self) -> Result<(), SendError> {
        let mut connection = self.connect().await.map_err(|error| of_smtp(&error))?;
        connection.quit().await.map(drop).map_err(|error| of_smtp(&error))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.server.host.as_str(), self.server.port);
        let implicit = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &self.name, implicit, None);
        let mut connection = connecting.await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.name).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.name).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.server.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

impl Sent {
    /// Says QUIT.
    pub async fn quit(mut self) {
        // It has the mail in any case.
        let _ = self.0.quit().await;
    }
}

/// A 5xx answer is final (RFC 5321, 4.2.1), but for those about who sends: the operator can mend what is wrong with
/// name and password, and no mail should be lost until then.
fn of_smtp(error: &Error) -> SendError {
    const AUTHENTICATION: [u16; 4] = [530, 534, 535, 538];
    // It names its cause by itself.
    let text: String = plain_text(&error.to_string()).chars().take(MAX_ANSWER).collect();
    let code = error.status().map(u16::from);
    let is_final = error.is_permanent() && !code.is_some_and(|code| AUTHENTICATION.contains(&code));
    let error = if is_final { SendError::permanent(text) } else { SendError::temporary(text) };
    error.with_code(code)
}
