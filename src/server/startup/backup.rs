//! A copy of the data folder while servers run. The files alone cannot be copied: the newest rows are in a log beside
//! the database, and it changes meanwhile.

use std::{
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf, absolute},
};

use super::data::keys_file;
use crate::server::{
    config::{Config, ConfigError, DatabaseLocation},
    db::{Database, DatabaseError, OpenError},
    private_files,
};

/// What is written.
#[derive(Debug)]
pub struct Backup {
    pub files: Vec<PathBuf>,
    /// Whether the keys are elsewhere, and so have to be kept apart.
    pub lacks_keys: bool,
}

/// Why nothing was backed up.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(
        "the database is in PostgreSQL: back it up with `pg_dump`, and with it the keys that sign cookies ({keys})"
    )]
    Postgres { keys: String },
    #[error("there are files in {0} already: name a new folder")]
    NotEmpty(PathBuf),
    #[error("{path} cannot be read or written")]
    Io { path: PathBuf, source: io::Error },
    #[error("the database {location} cannot be opened")]
    Open { location: String, source: OpenError },
    #[error("the database could not be copied")]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0} is inside http.site_root, which is served to everyone: name another folder")]
    Public(PathBuf),
}

/// Writes the database, and the keys if they are in the data folder, to a folder that is new or empty. A server can
/// start on it.
///
/// # Errors
/// Why not, in a sentence. The folder is not a whole backup then.
pub async fn back_up(config: &Config, folder: &Path) -> Result<Backup, BackupError> {
    let keys = keys_file(config);
    let file = match config.database.location(&config.data_dir)? {
        DatabaseLocation::Sqlite(file) => file,
        DatabaseLocation::Postgres(_) => {
            return Err(BackupError::Postgres { keys: name_of_keys(config, keys) });
        }
    };
    let folder = absolute(folder).map_err(of_path(folder))?;
    create(&folder, config)?;
    let mut files = vec![copy_database(config, &file, &folder).await?];
    let keys = keys.filter(|keys| keys.components().all(|part| matches!(part, Component::Normal(_))));
    if let Some(keys) = keys {
        let (from, to) = (config.data_dir.join(keys), folder.join(keys));
        let parent = to.parent().unwrap_or(&folder);
        private_files::create_folder(parent).map_err(of_path(parent))?;
        private_files::copy(&from, &to).map_err(of_path(&from))?;
        files.push(to);
    }
    sync(&folder)?;
    Ok(Backup { files, lacks_keys: keys.is_none() })
}

fn create(folder: &Path, config: &Config) -> Result<(), BackupError> {
    if private_files::place_inside(folder, &config.http.site_root).is_some() {
        return Err(BackupError::Public(folder.to_owned()));
    }
    private_files::create_folder(folder).map_err(of_path(folder))?;
    if fs::read_dir(folder).map_err(of_path(folder))?.next().is_some() {
        return Err(BackupError::NotEmpty(folder.to_owned()));
    }
    Ok(())
}

/// The copy gets its name once it is whole and on the disk, so none that was stopped passes for a backup.
async fn copy_database(config: &Config, file: &Path, folder: &Path) -> Result<PathBuf, BackupError> {
    let location = || file.display().to_string();
    let opened = Database::open_with_any_schema(&config.database, &config.data_dir).await;
    let db = opened.map_err(|source| BackupError::Open { location: location(), source })?;
    let copy = folder.join(file.file_name().unwrap_or_default());
    let mut draft = copy.clone().into_os_string();
    draft.push(".incomplete");
    let draft = PathBuf::from(draft);
    private_files::create_file(&draft).map_err(of_path(&draft))?;
    let copied = db.vacuum_into(&draft).await;
    db.close().await;
    if copied.is_err() {
        // Half a copy fills the disk, and is of no use.
        let _ = fs::remove_file(&draft);
    }
    copied?;
    sync(&draft)?;
    fs::rename(&draft, &copy).map_err(of_path(&copy))?;
    Ok(copy)
}

fn name_of_keys(config: &Config, file: Option<&Path>) -> String {
    file.map_or_else(|| "sessions.keys".to_owned(), |file| config.data_dir.join(file).display().to_string())
}

/// Waits until the disk has a file, or the names in a folder.
fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(of_path(path))
}

fn of_path(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { path, source }
}
