//! Where mails arrive in tests: in a mail server on loopback, or in the folder of the application.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::sleep,
};
use vestibule::server::config::{Config, SecretUrl};

use crate::support::TestApp;

/// How long a mail may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A mail, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub to: String,
    pub subject: String,
    /// The part that is plain text.
    pub text: String,
}

impl Received {
    fn parse(raw: &str) -> Self {
        let raw = raw.replace("\r\n", "\n");
        let (head, body) = raw.split_once("\n\n").expect("a head");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("no {name} in {head}")).trim().to_owned()
        };
        let part = body.split("text/plain").nth(1).expect("a part that is plain text");
        let (part_head, rest) = part.split_once("\n\n").expect("a head of the part");
        let content = rest.split("\n--").next().expect("its content");
        let text = match part_head {
            head if head.contains("base64") => decode_base64(content),
            head if head.contains("quoted-printable") => decode_quoted_printable(content),
            _ => content.to_owned(),
        };
        Self { to: header("To:").trim_matches(['<', '>']).to_owned(), subject: header("Subject:"), text }
    }

    /// The path of the link.
    pub fn path(&self) -> String {
        let url = self.text.lines().find(|line| line.starts_with("http"));
        let url = url::Url::parse(url.unwrap_or_else(|| panic!("no link in {self:?}"))).expect("a URL");
        url.path().to_owned()
    }

    /// The token in the link.
    pub fn token(&self) -> String {
        self.path().rsplit_once('/').expect("a token").1.to_owned()
    }
}

fn decode_base64(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    String::from_utf8(BASE64_STANDARD.decode(text).expect("base64")).expect("UTF-8")
}

fn decode_quoted_printable(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two hexadecimal digits"));
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[derive(Debug)]
enum Source {
    Folder(PathBuf),
    Server { mails: Arc<Mutex<Vec<String>>>, _listening: Listening },
}

#[derive(Debug)]
struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The mails of an application.
#[derive(Debug)]
pub struct Mailbox(Source);

impl Mailbox {
    /// A mail server that takes everything, and the configuration that sends to it.
    pub async fn listen() -> (Self, impl FnOnce(&mut Config)) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let mails = Arc::<Mutex<Vec<String>>>::default();
        let taken = mails.clone();
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, taken.clone()));
            }
        });
        let configure =
            move |config: &mut Config| config.mail.url = SecretUrl::new(format!("smtp://127.0.0.1:{port}"));
        (Self(Source::Server { mails, _listening: Listening(listening) }), configure)
    }

    /// The folder in which an application without a mail server puts its mails.
    pub fn folder_of(app: &TestApp) -> Self {
        Self::folder(app.data_dir())
    }

    /// The same, by its data folder.
    pub fn folder(data_dir: &Path) -> Self {
        Self(Source::Folder(data_dir.join("outbox")))
    }

    /// The mails to an address so far, in any order.
    pub fn all_to(&self, address: &str) -> Vec<Received> {
        let raw = match &self.0 {
            Source::Folder(folder) => read_folder(folder),
            Source::Server { mails, .. } => mails.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        };
        let mails = raw.iter().map(|raw| Received::parse(raw));
        mails.filter(|mail| mail.to == address).collect()
    }

    /// Waits until there are no mails to be sent, and returns those to an address.
    pub async fn all_sent_to(&self, app: &TestApp, address: &str) -> Vec<Received> {
        wait_until_sent(app).await;
        self.all_to(address)
    }

    /// Waits until all mails are sent, and returns the only one to an address with these words in its subject.
    pub async fn only(&self, app: &TestApp, address: &str, subject: &str) -> Received {
        let mut found = self.all_sent_to(app, address).await;
        found.retain(|mail| mail.subject.contains(subject));
        assert_eq!(found.len(), 1, "one mail about {subject:?}: {found:?} of {:?}", self.all_to(address));
        found.remove(0)
    }

    /// Forgets all mails so far.
    pub async fn clear(&self, app: &TestApp) {
        wait_until_sent(app).await;
        match &self.0 {
            Source::Folder(folder) => {
                if folder.exists() {
                    fs::remove_dir_all(folder).expect("removed");
                }
            }
            Source::Server { mails, .. } => mails.lock().unwrap_or_else(PoisonError::into_inner).clear(),
        }
    }
}

/// Waits until no mail is due.
pub async fn wait_until_sent(app: &TestApp) {
    let began = Instant::now();
    while app.number("SELECT count(*) FROM mails WHERE next_at IS NOT NULL").await > 0 {
        assert!(began.elapsed() < TIMEOUT, "mails are not sent");
        sleep(Duration::from_millis(5)).await;
    }
}

fn read_folder(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mails = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.map(|path| fs::read_to_string(path).expect("a mail")).collect()
}

/// Takes all mails of a connection (RFC 5321).
async fn take(stream: TcpStream, mails: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let mut answer = "220 localhost\r\n";
    loop {
        let mut line = String::new();
        if stream.write_all(answer.as_bytes()).await.is_err()
            || stream.read_line(&mut line).await.unwrap_or_default() == 0
        {
            return;
        }
        answer = match line.to_ascii_uppercase() {
            line if line.starts_with("EHLO") => "250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            line if line.starts_with("DATA") => {
                if stream.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let Some(mail) = read_data(&mut stream).await else { return };
                mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                "250 taken\r\n"
            }
            line if line.starts_with("QUIT") => "221 bye\r\n",
            _ => "250 yes\r\n",
        };
    }
}

async fn read_data(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(mail);
        }
        mail += line.strip_prefix('.').unwrap_or(&line);
    }
}
