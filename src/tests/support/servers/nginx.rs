//! nginx.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    folder::Folder,
    program,
    service::{Program, Service},
};

const MISSING: &str = "nginx is needed for the tests: run `.ci/setup proxy`, or install it \
    (Debian: apt-get install nginx-light)";
/// What a configuration must leave to this file.
const DIRECTIVES: &str = "daemon off; pid nginx.pid; error_log stderr;";

/// It ends when this is dropped.
#[derive(Debug)]
pub struct Nginx {
    service: Service,
}

impl Nginx {
    /// With a whole configuration, but for `daemon`, `pid`, `error_log` and `user`. Paths in it are relative
    /// to its folder. Panics if nginx refuses it.
    pub fn start(config_text: &str) -> Self {
        let path = program::find(&["nginx"]).expect(MISSING);
        let folder = Folder::new();
        fs::write(folder.file("nginx.conf"), config_text).expect("a configuration");
        // Only root could use another user, which could not read the folder.
        let user = if program::is_root() { " user root;" } else { "" };
        let prefix = format!("{}/", program::path_text(folder.path()));
        let directives = format!("{DIRECTIVES}{user}");
        let arguments = ["-p", &prefix, "-c", "nginx.conf", "-e", "stderr", "-g", &directives];
        let program = Program {
            name: "nginx",
            path,
            arguments: arguments.map(str::to_owned).to_vec(),
            stop_signal: "TERM",
            abort_signal: "TERM", // KILL would leave its workers
        };
        let server = Self { service: Service::new(program, folder) };
        server.service.start(|| server.pid_file().exists());
        server
    }

    /// The folder that paths in the configuration are relative to.
    pub fn folder(&self) -> &Path {
        self.service.folder().path()
    }

    pub fn stop(&self) {
        self.service.stop();
    }

    /// nginx writes it when it listens.
    fn pid_file(&self) -> PathBuf {
        self.service.folder().file("nginx.pid")
    }
}
