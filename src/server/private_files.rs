//! Files that only the user of the server may read: the database holds password hashes, `secret.key`
//! the keys that sign cookies. Their mode depends neither on the umask nor on the folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    process,
};

/// Read and write for the owner, nothing for others.
pub const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// What group and others may do.
const OTHERS: u32 = 0o077;

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

/// True if `path` lies in `folder`, whichever way both are written. What does not exist yet is judged by
/// the part of its path that does.
pub fn is_inside(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = fs::canonicalize(folder) else { return false };
    let mut existing = Some(path);
    while let Some(path) = existing {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        if let Ok(path) = fs::canonicalize(path) {
            return path.starts_with(&folder);
        }
        existing = path.parent();
    }
    false
}
