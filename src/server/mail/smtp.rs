//! Mails over SMTP (RFC 5321), by the crate `lettre`.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{Error, extension::ClientId},
};

use super::SendError;
use crate::server::{
    config::{ConfigError, MailConfig},
    domain::plain_text,
};

/// How much of what a mail server has answered is kept, in characters.
const MAX_ANSWER: usize = 300;

/// A mail server.
#[derive(Debug)]
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// `name`: how it says which machine it is, unless the URL does. Some servers refuse 127.0.0.1.
    ///
    /// # Errors
    /// If the URL makes no sense.
    pub fn new(config: &MailConfig, name: String) -> Result<Self, ConfigError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.expose());
        // The error may repeat the URL, which has a password.
        let mut builder = builder.map_err(|_| ConfigError::invalid("mail.url", "it cannot be used"))?;
        if !config.names_client() {
            builder = builder.hello_name(ClientId::Domain(name));
        }
        Ok(Self(builder.timeout(Some(config.timeout)).build()))
    }

    /// Sends a message; once this returns `Ok`, the server has taken it.
    pub async fn send(&self, message: Message) -> Result<(), SendError> {
        self.0.send(message).await.map(drop).map_err(|error| of_smtp(&error))
    }

    /// Connects, with name and password, and sends nothing.
    pub async fn check(&self) -> Result<(), SendError> {
        match self.0.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SendError::temporary("it has hung up".to_owned())),
            Err(error) => Err(of_smtp(&error)),
        }
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
