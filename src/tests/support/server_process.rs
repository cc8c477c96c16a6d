//! The program as a process of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
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
        Self::run(command)
    }

    /// Starts it in a shell that first sets an umask or a limit, and waits until it serves.
    pub fn start_after(config: &Config, setting: &str) -> Self {
        let serve = command(config, &["serve"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{setting} && exec \"$0\" serve")]).arg(serve.get_program());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Self::run(shell)
    }

    fn run(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let log = Arc::<Mutex<String>>::default();
        collect(child.stdout.take().expect("its output"), &log);
        collect(child.stderr.take().expect("its log"), &log);
        let process = Self { child, log };
        process.wait_for("started");
        process
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let log = self.log();
        let address = log.split("listen=").nth(1).and_then(|rest| rest.split_whitespace().next());
        address.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("no address in {log}"))
    }

    /// What it has printed and logged so far.
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

/// Reads lines until there are no more.
fn collect(output: impl Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let (lines, log) = (BufReader::new(output).lines(), log.clone());
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            *log.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
        }
    });
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}
