//! The folder of a server, removed with it.

use std::{
    env, fs, io,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::Once,
};

use super::{process_table::ProcessTable, program};

/// The user, and its group, that a server runs as.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    pub fn named(user: &str) -> Self {
        let id = |option| program::output(Command::new("id").args([option, user])).parse();
        Self { uid: id("-u").expect("a user id"), gid: id("-g").expect("a group id") }
    }
}

/// A folder that only its owner can read.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    owner: Option<Owner>,
}

impl Folder {
    /// For servers that run as the user of this process.
    pub fn new() -> Self {
        Self::create(None)
    }

    /// For servers that run as `owner`.
    pub fn owned_by(owner: Owner) -> Self {
        Self::create(Some(owner))
    }

    fn create(owner: Option<Owner>) -> Self {
        let parent = env::temp_dir().join("vestibule-servers");
        create_shared(&parent).expect("a folder for servers");
        static REMOVE_ABANDONED: Once = Once::new();
        REMOVE_ABANDONED.call_once(|| remove_abandoned(&parent).expect("a list of folders"));
        // An earlier process with the same id may have left some.
        let candidates = (1..10_000).map(|number| parent.join(format!("{}-{number}", process::id())));
        let is_new = |path: &PathBuf| fs::DirBuilder::new().mode(0o700).create(path).is_ok();
        let path = candidates.into_iter().find(is_new).expect("a new folder");
        if let Some(Owner { uid, gid }) = owner {
            chown(&path, Some(uid), Some(gid)).expect("the folder has another owner");
        }
        Self { path, owner }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A command that runs in it, as its owner.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.path).stdin(Stdio::null());
        if let Some(Owner { uid, gid }) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path); // what is left is removed by a later process
    }
}

/// Creates a folder that all users share, like the one for temporary files that it is in.
fn create_shared(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(0o1777)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes the folders of processes that no longer run.
fn remove_abandoned(parent: &Path) -> io::Result<()> {
    let processes = ProcessTable::read();
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let process = name.and_then(|name| name.split('-').next()?.parse().ok());
        if process.is_some_and(|process| !processes.is_running(process)) {
            let _ = fs::remove_dir_all(path); // it may be another user's
        }
    }
    Ok(())
}
