//! Where a server keeps its data.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

use crate::database::Database;

/// Enough for the database of some people, and filled in a moment.
const OPTIONS: &str = "size=16m,mode=700";

#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    /// Something is mounted here, to be removed in the end.
    mounted: Option<PathBuf>,
}

impl Place {
    /// In memory, and small.
    ///
    /// # Errors
    /// If this user may not mount anything, or there is no tmpfs.
    pub fn on_small_disk(folder: &Path) -> io::Result<Self> {
        fs::create_dir(folder)?;
        run(Command::new("mount").args(["-t", "tmpfs", "-o", OPTIONS, "tmpfs"]).arg(folder))?;
        Ok(Self { folder: folder.join("data"), mounted: Some(folder.to_owned()) })
    }

    /// # Errors
    /// If the folder cannot be created.
    pub fn on_this_disk(folder: &Path) -> io::Result<Self> {
        fs::create_dir(folder)?;
        Ok(Self { folder: folder.to_owned(), mounted: None })
    }

    /// `data_dir`
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn file(&self) -> PathBuf {
        self.folder.join("vestibule.db")
    }

    pub fn database(&self) -> Database {
        Database::Sqlite(self.file())
    }

    /// Tries whether a file that is open for writing can be made read-only.
    ///
    /// # Errors
    /// Why not.
    pub fn can_be_read_only(&self) -> io::Result<()> {
        let path = self.folder.join("trial");
        let mut file = File::create(&path)?;
        let written = {
            let _held = ReadOnly::make(vec![path.clone()])?;
            file.write(b"x")
        };
        fs::remove_file(path)?;
        match written {
            Err(_) => Ok(()),
            Ok(_) => Err(io::Error::other("this file system lets those write who have opened a file before")),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.mounted {
            let _ = run(Command::new("umount").arg("--lazy").arg(folder));
        }
    }
}

/// Files that no one can write, not even root, and not even who has opened them before. On `ext4`.
#[derive(Debug)]
pub struct ReadOnly(Vec<PathBuf>);

impl ReadOnly {
    pub fn make(paths: Vec<PathBuf>) -> io::Result<Self> {
        let held = Self(paths); // what has been done is undone if the rest fails
        run(Command::new("chattr").arg("+i").args(&held.0))?;
        Ok(held)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = run(Command::new("chattr").arg("-i").args(&self.0));
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
