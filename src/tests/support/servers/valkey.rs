//! Valkey, or Redis.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

use super::{
    certificate::Certificate,
    folder::Folder,
    port::free_port,
    program::{self, path_text},
    service::{Program, Service},
};

const MISSING: &str = "Valkey or Redis is needed for the tests: run `.ci/setup servers`, or install it \
    (Debian: apt-get install redis-server)";
/// How long it may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A server on 127.0.0.1 that keeps nothing on disk, unless it is told to. All methods panic if it fails.
#[derive(Debug)]
pub struct ValkeyServer {
    service: Service,
    port: u16,
    certificate: Option<Certificate>,
}

impl ValkeyServer {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With more arguments, such as `["--requirepass", "secret"]`. Paths in them are relative to its folder.
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(Folder::new(), None, arguments)
    }

    /// Speaks TLS only, with a certificate for `localhost`.
    pub fn start_with_tls() -> Self {
        let folder = Folder::new();
        let certificate = Certificate::create(&folder);
        Self::start_in(folder, Some(certificate), &[])
    }

    fn start_in(folder: Folder, certificate: Option<Certificate>, more: &[&str]) -> Self {
        let port = free_port();
        let number = port.to_string();
        let mut arguments = vec!["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        match &certificate {
            None => arguments.extend(["--port", &number]),
            Some(Certificate { authority, file, key }) => {
                arguments.extend(["--port", "0", "--tls-port", &number, "--tls-auth-clients", "no"]);
                arguments.extend(["--tls-ca-cert-file", path_text(authority)]);
                arguments.extend(["--tls-cert-file", path_text(file), "--tls-key-file", path_text(key)]);
            }
        }
        let program = Program {
            name: "Valkey",
            path: program::find(&["valkey-server", "redis-server"]).expect(MISSING),
            arguments: arguments.iter().chain(more).map(|argument| (*argument).to_owned()).collect(),
            stop_signal: "TERM",
            abort_signal: "KILL",
        };
        let server = Self { service: Service::new(program, folder), port, certificate };
        server.start_again();
        server
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that has signed the certificate of this server.
    pub fn ca_file(&self) -> &Path {
        &self.certificate.as_ref().expect("a server with TLS").authority
    }

    /// For clients, without a password. A server with TLS is called `localhost`, as in its certificate.
    pub fn url(&self) -> String {
        match self.certificate {
            None => format!("redis://127.0.0.1:{}", self.port),
            Some(_) => format!("rediss://localhost:{}", self.port),
        }
    }

    /// Stops it in order.
    pub fn stop(&self) {
        self.service.stop();
    }

    /// Starts after `stop` or `kill`, on the same port.
    pub fn start_again(&self) {
        self.service.start(|| self.accepts_connections());
    }

    pub fn restart(&self) {
        self.stop();
        self.start_again();
    }

    pub fn kill(&self) {
        self.service.kill();
    }

    /// Stops the process where it is, until `resume`.
    pub fn pause(&self) {
        self.service.pause();
    }

    pub fn resume(&self) {
        self.service.resume();
    }

    /// What it answers to a command, as it is on the wire. Without TLS only.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn ask(&self, command: &str) -> io::Result<String> {
        let mut connection = self.connect()?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        write!(connection, "{command}\r\nQUIT\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn accepts_connections(&self) -> bool {
        if self.certificate.is_some() {
            return self.connect().is_ok();
        }
        self.ask("PING").is_ok_and(|answer| !answer.starts_with("-LOADING"))
    }

    fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)), TIMEOUT)
    }
}
