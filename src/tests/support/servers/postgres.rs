//! PostgreSQL.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    certificate::Certificate,
    folder::{Folder, Owner},
    port::free_port,
    program::{self, path_text},
    service::{Program, Service},
};

const MISSING: &str = "PostgreSQL is needed for the tests: run `.ci/setup servers`, or install it \
    (Debian: apt-get install postgresql)";
/// Where Debian keeps its versions.
const VERSIONS: &str = "/usr/lib/postgresql";
const USER: &str = "vestibule";
/// Not every macOS has C.UTF-8.
const LOCALE: &str = if cfg!(target_os = "macos") { "--locale=C" } else { "--locale=C.UTF-8" };

/// Nothing of it has to survive a loss of power.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
];

/// A server on 127.0.0.1 that trusts everyone. All methods panic if PostgreSQL refuses.
#[derive(Debug)]
pub struct PostgresServer {
    service: Service,
    port: u16,
    programs: PathBuf,
    certificate: Option<Certificate>,
}

impl PostgresServer {
    pub fn start() -> Self {
        let (programs, folder) = (find_programs(), new_folder());
        initialise(&programs, &folder);
        Self::start_on(programs, folder, None)
    }

    /// Also speaks TLS, with a certificate for `localhost`.
    pub fn start_with_tls() -> Self {
        let (programs, folder) = (find_programs(), new_folder());
        initialise(&programs, &folder);
        let certificate = Certificate::create(&folder);
        Self::start_on(programs, folder, Some(certificate))
    }

    /// A second server that follows this one, and can be read only.
    pub fn standby(&self) -> Self {
        let folder = new_folder();
        let mut copy = folder.command(&self.programs.join("pg_basebackup"));
        copy.args(["--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname"]);
        program::output(copy.arg(self.url("")));
        Self::start_on(self.programs.clone(), folder, None)
    }

    fn start_on(programs: PathBuf, folder: Folder, certificate: Option<Certificate>) -> Self {
        let port = free_port();
        let mut settings = SETTINGS.map(str::to_owned).to_vec();
        settings.push(format!("port={port}"));
        if let Some(Certificate { file, key, .. }) = &certificate {
            settings.push("ssl=on".to_owned());
            settings.push(format!("ssl_cert_file={}", path_text(file)));
            settings.push(format!("ssl_key_file={}", path_text(key)));
        }
        let settings = settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]);
        let program = Program {
            name: "PostgreSQL",
            path: programs.join("postgres"),
            arguments: ["-D".to_owned(), "data".to_owned()].into_iter().chain(settings).collect(),
            stop_signal: "INT",
            abort_signal: "QUIT", // KILL would leave shared memory
        };
        let server = Self { service: Service::new(program, folder), port, programs, certificate };
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

    /// For clients. A server with TLS is called `localhost`, as in its certificate.
    pub fn url(&self, database: &str) -> String {
        let host = if self.certificate.is_some() { "localhost" } else { "127.0.0.1" };
        format!("postgres://{USER}@{host}:{}/{database}", self.port)
    }

    /// Creates a database, empty or as a copy of `template`, which must have no connections.
    pub fn create_database(&self, name: &str, template: Option<&str>) {
        let template = template.map(|template| format!(" TEMPLATE \"{template}\"")).unwrap_or_default();
        self.sql("postgres", &format!("CREATE DATABASE \"{name}\"{template}"));
    }

    /// What `psql` prints for statements: a line for a row, with | between its columns.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let mut psql = self.service.folder().command(&self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statements, "-d"]);
        program::output(psql.arg(self.url(database)))
    }

    /// Makes a standby independent, and writable.
    pub fn promote(&self) {
        assert_eq!(self.sql("postgres", "SELECT pg_promote()"), "t", "the standby is promoted");
    }

    /// An orderly end, which does not wait for clients.
    pub fn stop(&self) {
        self.service.stop();
    }

    /// Starts after `stop` or `kill`, with the same data on the same port.
    pub fn start_again(&self) {
        self.service.start(|| self.accepts_connections());
    }

    pub fn restart(&self) {
        self.stop();
        self.start_again();
    }

    /// Kills all processes of the server, as if the machine had lost power.
    pub fn kill(&self) {
        self.service.kill();
        self.remove_shared_memory();
    }

    /// Stops all processes of the server where they are, until `resume`.
    pub fn pause(&self) {
        self.service.pause();
    }

    pub fn resume(&self) {
        self.service.resume();
    }

    /// A server that was killed leaves a piece of shared memory, and a machine can have some thousands only.
    fn remove_shared_memory(&self) {
        let file = fs::read_to_string(self.service.folder().file("data/postmaster.pid")).expect("a PID file");
        let shared_memory = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
        let mut remove = self.service.folder().command(Path::new("ipcrm"));
        program::output(remove.arg("-m").arg(shared_memory.expect("an id in the PID file")));
    }

    fn accepts_connections(&self) -> bool {
        let mut ready = self.service.folder().command(&self.programs.join("pg_isready"));
        ready.args(["--quiet", "--dbname"]).arg(self.url("postgres")).status().expect("pg_isready").success()
    }
}

/// The folder of the newest version that is installed.
fn find_programs() -> PathBuf {
    let version = |name: &str| name.parse::<f64>().ok();
    let entries = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let installed = entries.filter(|entry| entry.path().join("bin/initdb").is_file());
    let newest = installed
        .filter_map(|entry| Some((version(entry.file_name().to_str()?)?, entry.path().join("bin"))))
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    let in_path = || Some(program::find(&["initdb"])?.parent()?.to_owned());
    newest.map(|(_, path)| path).or_else(in_path).expect(MISSING)
}

/// PostgreSQL refuses to run as root.
fn new_folder() -> Folder {
    if program::is_root() { Folder::owned_by(Owner::named("postgres")) } else { Folder::new() }
}

fn initialise(programs: &Path, folder: &Folder) {
    let mut initdb = folder.command(&programs.join("initdb"));
    initdb.args(["--pgdata=data", "--auth=trust", "--encoding=UTF8", "--no-sync", LOCALE]);
    program::output(initdb.args(["--username", USER]));
}
