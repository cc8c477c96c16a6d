//! Which mail server, and how to talk to it, in one URL.

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Where there is no port in the URL (RFC 8314, 7.3; RFC 6409, 3.1; RFC 5321, 4.5.4.2).
const SUBMISSIONS: u16 = 465;
const SUBMISSION: u16 = 587;
const SMTP: u16 = 25;

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From its beginning.
    Implicit,
    /// By STARTTLS, or there is none.
    Required,
    /// By STARTTLS, if the server can.
    Opportunistic,
    Never,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct MailUrl {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub credentials: Option<Credentials>,
    /// What to greet the server as; the path of the URL.
    pub client_name: Option<String>,
}

impl MailUrl {
    /// # Errors
    /// What is wrong with it, without any part of it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let url =
            Url::parse(text).map_err(|_| "it is no URL such as smtps://name:password@smtp.example.org")?;
        let host = match url.host() {
            _ if !["smtp", "smtps"].contains(&url.scheme()) => {
                return Err("the scheme is neither smtps nor smtp");
            }
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err("there is no host"),
        };
        let client_name = url.path().trim_matches('/');
        let is_name = |char: char| char.is_ascii_alphanumeric() || ".-".contains(char);
        // A slash in a password ends what it is part of, and the rest would be shown as the path.
        if !client_name.chars().all(is_name) || url.fragment().is_some() {
            return Err(
                "letters in name and password that mean something in a URL are written in percent: / is %2F, @ is %40",
            );
        }
        let (tls, usual_port) = encryption(&url)?;
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual_port),
            tls,
            credentials: credentials(&url)?,
            client_name: (!client_name.is_empty()).then(|| client_name.to_owned()),
        })
    }
}

fn encryption(url: &Url) -> Result<(MailTls, u16), &'static str> {
    let parameters: Vec<_> = url.query_pairs().collect();
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match (url.scheme(), parameters.as_slice()) {
        ("smtps", []) => Ok((MailTls::Implicit, SUBMISSIONS)),
        ("smtp", [("tls", "required")]) => Ok((MailTls::Required, SUBMISSION)),
        ("smtp", [("tls", "opportunistic")]) => Ok((MailTls::Opportunistic, SUBMISSION)),
        ("smtp", []) if is_loopback => Ok((MailTls::Never, SMTP)),
        ("smtp", []) => Err(
            "mails hold links that give access to accounts: use smtps, or add ?tls=required (or ?tls=opportunistic \
             for a relay in a network that no one else can listen to)",
        ),
        _ => Err("after the ? there can only be tls=required or tls=opportunistic, and only with smtp"),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, &'static str> {
    let decode = |text| {
        let decoded =
            percent_decode_str(text).decode_utf8().map_err(|_| "name and password are not in UTF-8");
        decoded.map(|text| text.into_owned())
    };
    match (decode(url.username())?, url.password()) {
        (name, Some(password)) => Ok(Some(Credentials::new(name, decode(password)?))),
        (name, None) if name.is_empty() => Ok(None),
        _ => Err("there is a name without a password, as in smtps://name:password@smtp.example.org"),
    }
}
