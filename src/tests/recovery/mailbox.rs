//! Where mails arrive in these tests: in a mail server on loopback, or in the folder of the application.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use url::Url;
use vestibule::server::config::Config;

use crate::support::{MailServer, Received, TestApp, until};

/// What a person sees of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    /// The part that is plain text.
    pub text: String,
    link: Option<Url>,
}

impl Letter {
    fn of(mail: &Received) -> Self {
        let text = mail.text();
        let link = text.lines().find(|line| line.starts_with("http"));
        let link = link.map(|link| Url::parse(link).expect("a URL"));
        Self { to: mail.header("To"), subject: mail.subject(), text, link }
    }

    /// The path of the link.
    pub fn path(&self) -> String {
        self.link.as_ref().unwrap_or_else(|| panic!("no link in {self:?}")).path().to_owned()
    }

    /// The token in the link.
    pub fn token(&self) -> String {
        self.path().rsplit_once('/').expect("a token").1.to_owned()
    }
}

#[derive(Debug)]
enum Source {
    Folder(PathBuf),
    Server {
        server: MailServer,
        /// How many mails are forgotten.
        forgotten: AtomicUsize,
    },
}

/// The mails of an application.
#[derive(Debug)]
pub struct Mailbox(Source);

impl Mailbox {
    /// A mail server that takes everything, and the configuration that sends to it.
    pub async fn listen() -> (Self, impl FnOnce(&mut Config)) {
        let server = MailServer::start().await;
        let url = server.url();
        let source = Source::Server { server, forgotten: AtomicUsize::new(0) };
        (Self(source), move |config: &mut Config| config.mail.url = url)
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
    pub fn all_to(&self, address: &str) -> Vec<Letter> {
        let mails = match &self.0 {
            Source::Folder(folder) => read_folder(folder),
            Source::Server { server, forgotten } => {
                server.received().split_off(forgotten.load(Ordering::SeqCst))
            }
        };
        mails.iter().map(Letter::of).filter(|letter| letter.to == address).collect()
    }

    /// Waits until there are no mails to be sent, and returns those to an address.
    pub async fn all_sent_to(&self, app: &TestApp, address: &str) -> Vec<Letter> {
        app.until_queue_is_empty().await;
        self.all_to(address)
    }

    /// Waits until all mails are sent, and returns the only one to an address with these words in its subject.
    pub async fn only(&self, app: &TestApp, address: &str, subject: &str) -> Letter {
        let mut found = self.all_sent_to(app, address).await;
        found.retain(|letter| letter.subject.contains(subject));
        assert_eq!(found.len(), 1, "one mail about {subject:?}: {found:?} of {:?}", self.all_to(address));
        found.remove(0)
    }

    /// Waits for a mail to an address with these words in its subject.
    pub async fn wait_for(&self, address: &str, subject: &str) -> Letter {
        let find = || self.all_to(address).into_iter().find(|letter| letter.subject.contains(subject));
        until(async || find().is_some()).await;
        find().expect("a mail")
    }

    /// Forgets all mails so far.
    pub async fn clear(&self, app: &TestApp) {
        app.until_queue_is_empty().await;
        match &self.0 {
            Source::Folder(folder) if folder.exists() => fs::remove_dir_all(folder).expect("removed"),
            Source::Folder(_) => {}
            Source::Server { server, forgotten } => {
                forgotten.store(server.received().len(), Ordering::SeqCst);
            }
        }
    }
}

fn read_folder(folder: &Path) -> Vec<Received> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mails = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    let read = mails.map(|path| fs::read_to_string(path).expect("a mail"));
    read.map(|raw| Received { sender: String::new(), recipients: Vec::new(), raw }).collect()
}
