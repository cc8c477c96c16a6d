//! Files that only the user of the server may read: the database holds password hashes, `secret.key`
//! the keys that sign cookies. Their mode depends neither on the umask nor on the folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Component, Path, PathBuf, absolute},
    process,
};

/// Read and write for the owner, nothing for others.
pub const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// What group and others may do.
const OTHERS: u32 = 0o077;
/// How many links a path may lead through; Linux follows as many.
const MAX_LINKS: usize = 40;

/// Creates a folder and its parents, unless they exist.
///
/// # Errors
/// If that is not possible.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)
}

/// Creates an empty file, unless it exists, and takes the access of others away.
///
/// # Errors
/// If that is not possible.
pub fn create_file(file: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(file)?;
    restrict(file)
}

/// Copies a file to a new one, for its owner alone, and waits until the disk has it.
///
/// # Errors
/// If that is not possible, or there is one already.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(to)?;
    io::copy(&mut File::open(from)?, &mut new)?;
    new.sync_all()
}

/// Takes the access of others to an existing file away.
///
/// # Errors
/// If the file does not exist or belongs to another user.
pub fn restrict(file: &Path) -> io::Result<()> {
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    tracing::warn!(file = %file.display(), "other users could read this file; now its owner alone can");
    fs::set_permissions(file, Permissions::from_mode(mode & !OTHERS & 0o777))
}

/// Shows whether files can be created in a folder.
///
/// # Errors
/// If they cannot.
pub fn check_writable(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".writable-{}", process::id()));
    OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&file)?;
    match fs::remove_file(&file) {
        // Another thread that looks has removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// True if other users, or the group, can change the files in a folder: sticky folders are as bad, since files
/// can be put there before they are created.
pub fn others_can_write(folder: &Path) -> bool {
    mode(folder).is_some_and(|mode| mode & 0o022 != 0)
}

/// True if other users, or the group, can read a file.
pub fn others_can_read(file: &Path) -> bool {
    mode(file).is_some_and(|mode| mode & 0o044 != 0)
}

fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode())
}

/// Where `path` is in `folder`, whichever way both are written; `None` if it is elsewhere. What does not exist yet is
/// judged as well, also behind a link that leads to it.
pub fn place_inside(path: &Path, folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    resolve(path, MAX_LINKS).filter(|place| place.starts_with(folder))
}

/// The absolute path without links. Unlike [`fs::canonicalize`], it needs no file to be there.
fn resolve(path: &Path, max_links: usize) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in absolute(path).ok()?.components() {
        if part == Component::ParentDir {
            resolved.pop();
            continue;
        }
        resolved.push(part);
        if let Ok(target) = fs::read_link(&resolved) {
            resolved.pop();
            resolved = resolve(&resolved.join(target), max_links.checked_sub(1)?)?;
        }
    }
    Some(resolved)
}
