//! The program as a process of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use vestibule::server::config::Config;

use super::installation::command;

/// How long something may take to be logged.
const TIMEOUT: Duration = Duration::from_secs(60);

/// `vestibule serve`, which is killed at the end of the test.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl ServerProcess {
    /// Starts it, with more variables in its environment, and waits until it serves.
    pub fn start(config: &Config, variables: &[(&str, &str)]) -> Self {
        let mut command = command(config, &["serve"]);
        command.envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// Starts it with another umask.
    pub fn start_with_umask(config: &Config, umask: &str) -> Self {
        let server = command(config, &["serve"]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("umask {umask}; exec \"$0\" serve")).arg(server.get_program());
        for (name, value) in server.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Self::spawn(shell)
    }

    fn spawn(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let log = Arc::<Mutex<String>>::default();
        let (lines, written) = (BufReader::new(child.stderr.take().expect("its log")).lines(), log.clone());
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *written.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
            }
        });
        let process = Self { child, log };
        process.wait_for("started");
        process
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn wait_for(&self, text: &str) {
        let began = Instant::now();
        while !self.log().contains(text) {
            assert!(began.elapsed() < TIMEOUT, "no {text:?} in {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}
