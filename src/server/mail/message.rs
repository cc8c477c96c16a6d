//! From words to a message (RFC 5322, MIME).

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::html::html;
use crate::{
    server::domain::Timestamp,
    words::mails::{MailText, mail_footer},
};

/// Tells other programs that no person has written this: they send no notice of absence (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// A mail, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same for each attempt, so that a mailbox can tell that two are one (`Message-ID`).
    pub id: String,
    pub recipient: String,
    pub text: MailText,
    pub at: Timestamp,
}

/// Why a mail cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    #[error("no mail can be sent to this address")]
    Address,
    #[error("the mail could not be composed: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Whether a mail can be sent to an address at all; only a mail shows whether it arrives.
pub fn is_deliverable(address: &str) -> bool {
    to_address(address).is_some()
}

/// With the domain as DNS has it: few servers know letters in domains (SMTPUTF8).
fn to_address(text: &str) -> Option<Address> {
    let (mailbox, domain) = text.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok()?;
    Address::new(mailbox, domain).ok()
}

/// Text and HTML. Values go into headers through types that encode them, so none can add another (CWE-93).
pub fn build(mail: &Mail, sender: &Mailbox, domain: &str, site: &str) -> Result<Message, MessageError> {
    let recipient = to_address(&mail.recipient).ok_or(MessageError::Address)?;
    let date = UNIX_EPOCH + Duration::from_millis(u64::try_from(mail.at.millis()).unwrap_or_default());
    let footer = mail_footer(site);
    let parts = MultiPart::alternative_plain_html(plain(&mail.text, &footer), html(&mail.text, &footer));
    let message = Message::builder()
        .from(sender.clone())
        .to(Mailbox::new(None, recipient))
        .date(date)
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        .subject(mail.text.subject.clone())
        .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
        .multipart(parts)?;
    Ok(message)
}

/// The same words without markup; the link stands alone in its line.
pub fn plain(text: &MailText, footer: &str) -> String {
    let mut parts = text.paragraphs.clone();
    if !text.facts.is_empty() {
        let facts: Vec<_> = text.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        parts.push(facts.join("\n"));
    }
    if let Some(link) = &text.link {
        parts.push(format!("{}:\n{}", link.label, link.url));
    }
    parts.extend(text.closing.iter().cloned());
    parts.push(format!("-- \n{footer}"));
    parts.join("\n\n") + "\n"
}
