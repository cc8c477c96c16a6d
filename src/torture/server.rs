//! One of the servers: `vestibule serve`, which ends with this process, however it ends.

use std::{
    env,
    fs::{self, File},
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::client::Target;

/// How long a server may take to stop.
const MAX_STOP: Duration = Duration::from_secs(10);
/// How long a server may take to start.
const MAX_START: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Kills a server when the kernel closes the pipe, since this process has ended.
const WATCHDOG: &str = "trap '' HUP INT TERM; read -r _; kill -s KILL -- \"$1\"";

#[derive(Debug)]
pub struct Server {
    pub name: &'static str,
    pub port: u16,
    program: PathBuf,
    folder: PathBuf,
    environment: Vec<(&'static str, String)>,
    process: Mutex<Option<Process>>,
}

#[derive(Debug)]
struct Process {
    server: Child,
    watchdog: Child,
}

impl Server {
    /// It works in `folder`, which exists.
    pub fn new(
        name: &'static str,
        port: u16,
        program: PathBuf,
        folder: PathBuf,
        environment: Vec<(&'static str, String)>,
    ) -> Self {
        Self { name, port, program, folder, environment, process: Mutex::new(None) }
    }

    pub fn target(&self) -> Target {
        Target { name: self.name, port: self.port }
    }

    /// The process id.
    ///
    /// # Errors
    /// If it does not run.
    pub fn id(&self) -> io::Result<u32> {
        let process = self.process();
        process.as_ref().map(|process| process.server.id()).ok_or_else(|| self.is_away())
    }

    /// Starts it, and waits until it answers. Returns how long that took.
    pub fn start(&self) -> io::Result<Duration> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.program);
        command.arg("serve").stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("VESTIBULE_")) {
            command.env_remove(name);
        }
        let began = Instant::now();
        let server = command.envs(self.environment.iter().cloned()).spawn()?;
        let mut process = Process { watchdog: start_watchdog(&server)?, server };
        let deadline = Instant::now() + MAX_START;
        while !self.answers() {
            if process.has_ended()? || Instant::now() > deadline {
                return Err(io::Error::other(format!(
                    "{} does not start: see {}",
                    self.name,
                    self.log().display()
                )));
            }
            thread::sleep(POLL_INTERVAL);
        }
        let took = began.elapsed();
        *self.process() = Some(process);
        Ok(took)
    }

    pub fn kill(&self) -> io::Result<()> {
        self.take()?.kill()
    }

    /// Tells it to stop; returns how long that took, or what is wrong about how it has ended.
    pub fn stop(&self) -> io::Result<Result<Duration, String>> {
        let (mut process, began) = (self.take()?, Instant::now());
        let id = process.server.id().to_string();
        Command::new("sh").args(["-c", "kill -s TERM -- \"$1\"", "sh", &id]).status()?;
        while began.elapsed() < MAX_STOP {
            match process.server.try_wait()? {
                None => thread::sleep(POLL_INTERVAL),
                Some(status) if status.success() => return Ok(Ok(began.elapsed())),
                Some(status) => return Ok(Err(format!("{} has ended with {status}", self.name))),
            }
        }
        Ok(Err(format!("{} does not stop within {MAX_STOP:?}", self.name)))
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Lines of the log that say that something is wrong with the program.
    pub fn faults(&self) -> io::Result<Vec<String>> {
        let log = fs::read_to_string(self.log())?;
        let is_fault = |line: &&str| line.contains("panicked") || line.contains(" ERROR ");
        Ok(log.lines().filter(is_fault).map(str::to_owned).collect())
    }

    fn answers(&self) -> bool {
        let ask = || -> io::Result<String> {
            let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            connection.set_read_timeout(Some(MAX_START))?;
            connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    }

    fn take(&self) -> io::Result<Process> {
        self.process().take().ok_or_else(|| self.is_away())
    }

    fn is_away(&self) -> io::Error {
        io::Error::other(format!("{} does not run", self.name))
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.server.try_wait()?.is_some())
    }

    fn kill(&mut self) -> io::Result<()> {
        self.server.kill()?;
        self.server.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}

fn start_watchdog(server: &Child) -> io::Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCHDOG, "sh", &server.id().to_string()]);
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}
