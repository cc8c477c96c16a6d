//! Mails over SMTP (RFC 5321), by the crate `lettre`.

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, transport::smtp::Error};

use super::SendError;
use crate::server::{
    config::{ConfigError, MailConfig},
    domain::{error_chain, plain_text},
};

/// How much of what a mail server has answered is kept, in characters.
const MAX_ANSWER: usize = 300;

/// A mail server.
#[derive(Debug)]
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// # Errors
    /// If the URL makes no sense.
    pub fn new(config: &MailConfig) -> Result<Self, ConfigError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.expose());
        // The error may repeat the URL, which has a password.
        let builder = builder.map_err(|_| ConfigError::invalid("mail.url", "it cannot be used"))?;
        Ok(Self(builder.timeout(Some(config.timeout)).build()))
    }

    /// Sends a message; once this returns `Ok`, the server has taken it.
    pub async fn send(&self, message: Message) -> Result<(), SendError> {
        self.0.send(message).await.map(drop).map_err(|error| of_smtp(&error))
    }
}

/// A 5xx answer is final (RFC 5321, 4.2.1), but for those about who sends: the operator can mend what is wrong with
/// name and password, and no mail should be lost until then.
fn of_smtp(error: &Error) -> SendError {
    const AUTHENTICATION: [u16; 4] = [530, 534, 535, 538];
    let text: String = plain_text(&error_chain(error)).chars().take(MAX_ANSWER).collect();
    let code = error.status().map(u16::from);
    if error.is_permanent() && !code.is_some_and(|code| AUTHENTICATION.contains(&code)) {
        SendError::Permanent(text)
    } else {
        SendError::Temporary(text)
    }
}
