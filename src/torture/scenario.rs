//! What a scenario is, and what it is given to run.

use std::{fs, io, path::PathBuf, sync::Arc};

use futures_util::future::LocalBoxFuture;
use tokio::task::spawn_blocking;

use super::{
    Failure,
    progress::Progress,
    server::Server,
    servers::free_port,
    violations::{Rule, Violations},
};

#[derive(Clone, Copy)]
pub struct Scenario {
    /// As on the command line.
    pub name: &'static str,
    pub about: &'static str,
    /// How long it takes, for people.
    pub takes: &'static str,
    /// What must hold.
    pub rules: &'static [Rule],
    pub run: fn(Arc<Run>) -> LocalBoxFuture<'static, Result<(), Failure>>,
}

/// A run of a scenario.
#[derive(Debug)]
pub struct Run {
    /// Where it may write. It is removed in the end, unless a rule was broken.
    pub folder: PathBuf,
    /// The server, which does not change when it is built anew meanwhile.
    pub program: PathBuf,
    /// The static files of a site.
    pub site: PathBuf,
    /// How long the steady part of it is to take, if not as long as usual.
    pub seconds: Option<u64>,
    /// How often a server is to be killed, if not as often as usual.
    pub kills: Option<u32>,
    /// For random choices.
    pub seed: u64,
    pub violations: Arc<Violations>,
    pub progress: Progress,
}

impl Run {
    /// A server with a folder of its own on a free port, not started yet. Without more in the environment it is
    /// on SQLite, and believes what 127.0.0.1 says about addresses.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn server(&self, name: &'static str, environment: &[(&'static str, String)]) -> io::Result<Server> {
        let folder = self.folder.join(name.replace(' ', "-"));
        fs::create_dir(&folder)?;
        let port = free_port();
        let mut all = vec![
            ("VESTIBULE_PUBLIC_URL", public_url(port)),
            // The load comes from few addresses.
            ("VESTIBULE_LIMITS__REQUESTS_BURST", "0".to_owned()),
            ("VESTIBULE_HTTP__LISTEN", format!("127.0.0.1:{port}")),
            ("VESTIBULE_HTTP__SITE_ROOT", self.site.display().to_string()),
            ("VESTIBULE_HTTP__TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("VESTIBULE_DATA_DIR", folder.join("data").display().to_string()),
        ];
        all.extend_from_slice(environment); // of two of a name, the last counts
        Ok(Server::new(name, port, self.program.clone(), folder, all))
    }

    /// Stops a server in order; what it has logged must be no fault.
    pub async fn stop(&self, server: &Arc<Server>) -> Result<(), Failure> {
        let stopped = server.clone();
        if let Err(problem) = spawn_blocking(move || stopped.stop()).await?? {
            self.violations.add(Rule::PROCESSES, &problem);
        }
        for line in server.faults()? {
            self.violations.add(Rule::PROCESSES, &line);
        }
        Ok(())
    }

    /// Says what happens.
    pub fn say(&self, text: &str) {
        self.progress.say(text);
    }
}

/// The address that people type.
pub fn public_url(port: u16) -> String {
    format!("http://localhost:{port}")
}
