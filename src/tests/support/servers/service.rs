//! What is common to servers: a folder, a command, and the process while it runs.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    folder::Folder,
    process::{Process, wait_until},
};

/// How long a server may take to start.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How many lines of the log are shown when it does not.
const SHOWN_LINES: usize = 30;

/// How to run a server.
#[derive(Debug)]
pub struct Program {
    /// As people call it.
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<String>,
    /// The signal for an orderly end.
    pub stop_signal: &'static str,
    /// The signal for an end at once, which need not save anything.
    pub abort_signal: &'static str,
}

/// A server that can be started again, with the same data on the same port.
#[derive(Debug)]
pub struct Service {
    process: Mutex<Option<Process>>, // dropped before the folder that it works in
    program: Program,
    folder: Folder,
}

impl Service {
    pub fn new(program: Program, folder: Folder) -> Self {
        Self { process: Mutex::new(None), program, folder }
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Starts it, and waits until `is_ready`. Panics with the end of its log if that takes too long.
    pub fn start(&self, is_ready: impl Fn() -> bool) {
        let mut running = self.process();
        assert!(running.is_none(), "{} is already running", self.program.name);
        let log = File::options().create(true).append(true).open(self.log()).expect("a log");
        let errors = log.try_clone().expect("the log again");
        let mut command = self.folder.command(&self.program.path);
        command.args(&self.program.arguments).stdout(log).stderr(errors);
        let mut process = Process::start(&mut command, self.program.abort_signal, self.folder.path());
        wait_until(TIMEOUT, || process.has_ended() || is_ready());
        if process.has_ended() || !is_ready() {
            panic!("{} does not start:\n{}", self.program.name, self.end_of_log());
        }
        *running = Some(process);
    }

    pub fn stop(&self) {
        self.take().stop(self.program.stop_signal);
    }

    pub fn kill(&self) {
        self.take().kill();
    }

    pub fn pause(&self) {
        self.process().as_mut().expect("it is running").pause();
    }

    pub fn resume(&self) {
        self.process().as_mut().expect("it is running").resume();
    }

    fn take(&self) -> Process {
        self.process().take().expect("it is running")
    }

    /// A test that has failed may have poisoned it, which must not fail the others.
    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> PathBuf {
        self.folder.file("log")
    }

    fn end_of_log(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}
