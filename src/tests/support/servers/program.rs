//! Programs of this machine: where they are, and running them to their end.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Where Debian keeps servers, which the PATH of a normal user may lack.
const SERVER_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// The first of these programs that is installed.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).chain(SERVER_FOLDERS.map(PathBuf::from)).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|candidate| candidate.is_file())
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")) == "0"
}

/// What a command prints, without the line break at its end. Panics with its error output if it fails.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", name(command)));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed:\n{errors}", name(command));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A path as an argument of a command.
pub fn path_text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn name(command: &Command) -> String {
    Path::new(command.get_program()).display().to_string()
}
