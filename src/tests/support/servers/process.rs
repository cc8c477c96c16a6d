//! A server process, with the processes that it has started.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::process_table::ProcessTable;

/// How long a server may take to end when it is asked to.
const TIMEOUT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Ends a server when this process has ended, even if it was killed: the kernel then closes the pipe to this
/// script. `setpriv --pdeathsig` would leave paused processes, and is not on every system.
const WATCHDOG: &str = r#"
    trap '' HUP INT TERM
    read -r _
    folder=$1 signal=$2 group=$3
    shift 2
    kill -s CONT -- "$@"
    kill -s "$signal" -- "$group"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -s 0 -- "$group" || break
        sleep 0.1
    done
    kill -s KILL -- "$@"
    rm -rf -- "$folder"
"#;

/// It ends when this is dropped.
#[derive(Debug)]
pub struct Process {
    server: Child,
    watchdog: Child,
    abort_signal: &'static str,
    folder: PathBuf,
}

impl Process {
    /// Starts it. `abort_signal` makes it end at once, and its folder is removed if this process dies.
    pub fn start(command: &mut Command, abort_signal: &'static str, folder: &Path) -> Self {
        let server = command.process_group(0).spawn().expect("the server starts");
        let watchdog = start_watchdog(folder, abort_signal, &[group(&server)]);
        Self { server, watchdog, abort_signal, folder: folder.to_owned() }
    }

    pub fn has_ended(&mut self) -> bool {
        matches!(self.server.try_wait(), Ok(Some(_)))
    }

    /// Sends a signal that ends it, and waits.
    pub fn stop(mut self, signal: &str) {
        self.end(signal);
    }

    /// Kills all its processes at the same moment.
    pub fn kill(mut self) {
        self.pause();
        let children = ProcessTable::read().children(self.server.id());
        send("KILL", &self.everything());
        // A database does not start again as long as a process has its memory.
        wait_until(TIMEOUT, || {
            let processes = ProcessTable::read();
            self.has_ended() && !children.iter().any(|child| processes.is_running(*child))
        });
    }

    /// Stops all its processes where they are: connections stay open, and nothing answers.
    pub fn pause(&mut self) {
        let mut paused = Vec::new();
        // Until no process appears that was being started at that moment.
        loop {
            let everything = self.everything();
            if everything == paused {
                break;
            }
            send("STOP", &everything);
            paused = everything;
            thread::sleep(POLL_INTERVAL);
        }
        self.watch(&paused);
    }

    pub fn resume(&mut self) {
        send("CONT", &self.everything());
        self.watch(&[group(&self.server)]);
    }

    fn watch(&mut self, targets: &[String]) {
        let watchdog = start_watchdog(&self.folder, self.abort_signal, targets);
        end_watchdog(&mut self.watchdog);
        self.watchdog = watchdog;
    }

    /// All its processes, as arguments of `kill`. Those of PostgreSQL are not in its process group.
    fn everything(&self) -> Vec<String> {
        let children = ProcessTable::read().children(self.server.id());
        [group(&self.server)].into_iter().chain(children.iter().map(u32::to_string)).collect()
    }

    fn end(&mut self, signal: &str) {
        let everything = self.everything();
        send("CONT", &everything);
        send(signal, &everything[..1]);
        if !wait_until(TIMEOUT, || self.has_ended()) {
            send("KILL", &everything);
            let _ = self.server.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.end(self.abort_signal);
        }
        end_watchdog(&mut self.watchdog);
    }
}

/// Checks again and again, and says whether `condition` has come true in time.
pub fn wait_until(timeout: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + timeout;
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(POLL_INTERVAL);
    }
    true
}

/// The process group of a server, as an argument of `kill`.
fn group(server: &Child) -> String {
    format!("-{}", server.id())
}

/// Sends a signal to processes and groups. Some may have ended.
fn send(signal: &str, targets: &[String]) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$@\"", "sh", signal, "--"]).args(targets).stderr(Stdio::null());
    kill.status().expect("a shell");
}

fn start_watchdog(folder: &Path, signal: &str, targets: &[String]) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCHDOG, "sh"]).arg(folder).arg(signal).args(targets);
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    shell.spawn().expect("a shell")
}

fn end_watchdog(watchdog: &mut Child) {
    watchdog.kill().expect("the watchdog is a child");
    watchdog.wait().expect("the watchdog ends");
}
