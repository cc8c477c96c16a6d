//! A mail server on this machine (RFC 5321) that does what a test tells it to.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use vestibule::server::config::{Config, SecretUrl};

use super::{Received, servers::free_port, until};

/// Where a server may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Auth,
    Mail,
    Recipient,
    Data,
    /// When all of the mail is there.
    End,
    Quit,
}

/// What a server does with mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Take,
    /// Answers this at this step.
    Refuse(Step, &'static str),
    /// Says nothing any more at this step, and keeps the connection. At the end, it has taken the mail.
    Hang(Step),
    /// Takes this long for a mail.
    Slow(Duration),
    /// Takes a mail, and hangs up without an answer.
    TakeAndHangUp,
    /// Hangs up when all of the mail is there, and has not taken it.
    HangUp,
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    /// For some recipients, from that step on.
    exceptions: HashMap<String, Behaviour>,
    received: Vec<Received>,
    connections: usize,
    under_way: usize,
    most_under_way: usize,
}

/// Runs until the end of the test.
#[derive(Debug)]
pub struct MailServer {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: Option<JoinHandle<()>>,
}

impl MailServer {
    pub async fn start() -> Self {
        let state = State {
            behaviour: Behaviour::Take,
            exceptions: HashMap::new(),
            received: Vec::new(),
            connections: 0,
            under_way: 0,
            most_under_way: 0,
        };
        // Not one of the system's: while it is down, no other test must get it.
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut server = Self { address, state: Arc::new(Mutex::new(state)), accepting: None };
        server.go_up().await;
        server
    }

    /// Listens; after [`go_down`](Self::go_down) at the same port again.
    pub async fn go_up(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("a port");
        self.address = listener.local_addr().expect("an address");
        let state = self.state.clone();
        self.accepting = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = state.clone();
                tokio::spawn(async move {
                    lock(&state).connections += 1;
                    // A client that hangs up is no fault of the server.
                    let _ = Conversation { stream: BufReader::new(stream), state: &state }.hold().await;
                });
            }
        }));
    }

    /// Refuses connections.
    pub async fn go_down(&mut self) {
        let accepting = self.accepting.take().expect("it is up");
        accepting.abort();
        let _ = accepting.await;
    }

    /// Lets an application send its mails here.
    pub fn configure(&self, config: &mut Config) {
        config.mail.url = self.url();
    }

    pub fn url(&self) -> SecretUrl {
        SecretUrl::new(format!("smtp://{}", self.address))
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
    }

    /// What it does with the mails to a recipient.
    pub fn behave_to(&self, recipient: &str, behaviour: Behaviour) {
        self.state().exceptions.insert(recipient.to_owned(), behaviour);
    }

    /// The mails that it has taken.
    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// How many mails were sent at the same time, at the most.
    pub fn most_under_way(&self) -> usize {
        self.state().most_under_way
    }

    /// Waits until there were this many connections.
    pub async fn until_connected(&self, times: usize) {
        until(async || self.connections() >= times).await;
    }

    /// Waits until it has taken this many mails; returns them.
    pub async fn until_received(&self, count: usize) -> Vec<Received> {
        until(async || self.received().len() >= count).await;
        self.received()
    }

    /// Waits for the mail to a recipient, the last if there are several.
    pub async fn mail_to(&self, recipient: &str) -> Received {
        let find = || self.received().into_iter().rfind(|mail| mail.recipients == [recipient]);
        until(async || find().is_some()).await;
        find().expect("a mail")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Conversation<'a> {
    stream: BufReader<TcpStream>,
    state: &'a Mutex<State>,
}

type Spoken = std::io::Result<()>;

impl Conversation<'_> {
    async fn hold(mut self) -> Spoken {
        self.answer(Step::Greeting, None, "220 test").await?;
        let (mut sender, mut recipients) = (String::new(), Vec::new());
        loop {
            let line = self.line().await?;
            let last = recipients.last().cloned();
            let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match line.trim_end().split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => self.say("250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
                "AUTH" => self.answer(Step::Auth, None, "235 2.7.0 Accepted").await?,
                "NOOP" => self.say("250 2.0.0 Ok").await?,
                "MAIL" => {
                    sender = address();
                    self.begin();
                    self.answer(Step::Mail, None, "250 2.1.0 Ok").await?;
                }
                "RCPT" => {
                    recipients.push(address());
                    self.answer(Step::Recipient, Some(address()), "250 2.1.5 Ok").await?;
                }
                "DATA" => {
                    self.answer(Step::Data, last.clone(), "354 End with a dot").await?;
                    if matches!(self.behaviour(last.as_deref()), Behaviour::Refuse(Step::Data, _)) {
                        continue;
                    }
                    let raw = self.data().await?;
                    self.take(Received { sender: sender.clone(), recipients: recipients.clone(), raw }, last)
                        .await?;
                }
                "QUIT" => return self.answer(Step::Quit, None, "221 2.0.0 Bye").await,
                _ => self.say("500 5.5.1 Unknown").await?,
            }
        }
    }

    fn begin(&self) {
        let mut state = lock(self.state);
        state.under_way += 1;
        state.most_under_way = state.most_under_way.max(state.under_way);
    }

    async fn take(&mut self, mail: Received, recipient: Option<String>) -> Spoken {
        let behaviour = self.behaviour(recipient.as_deref());
        lock(self.state).under_way -= 1;
        if let Behaviour::Slow(time) = behaviour {
            tokio::time::sleep(time).await;
        }
        if behaviour == Behaviour::HangUp {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        if !matches!(behaviour, Behaviour::Refuse(Step::End, _)) {
            lock(self.state).received.push(mail);
        }
        if behaviour == Behaviour::TakeAndHangUp {
            return Err(std::io::ErrorKind::ConnectionAborted.into());
        }
        self.answer(Step::End, recipient, "250 2.0.0 Queued").await
    }

    fn behaviour(&self, recipient: Option<&str>) -> Behaviour {
        let state = lock(self.state);
        recipient.and_then(|recipient| state.exceptions.get(recipient)).copied().unwrap_or(state.behaviour)
    }

    async fn answer(&mut self, step: Step, recipient: Option<String>, usual: &str) -> Spoken {
        match self.behaviour(recipient.as_deref()) {
            Behaviour::Refuse(at, answer) if at == step => self.say(answer).await,
            // Until the client has had enough.
            Behaviour::Hang(at) if at == step => self.stream.read_to_end(&mut Vec::new()).await.map(drop),
            _ => self.say(usual).await,
        }
    }

    async fn say(&mut self, answer: &str) -> Spoken {
        self.stream.write_all(format!("{answer}\r\n").as_bytes()).await
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line),
        }
    }

    async fn data(&mut self) -> std::io::Result<String> {
        let mut data = String::new();
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                return Ok(data);
            }
            data += line.strip_prefix('.').unwrap_or(&line);
        }
    }
}
