use std::{io, net::SocketAddr, path::PathBuf};

use crate::server::{
    config::ConfigError,
    credentials::PasswordError,
    db::{DatabaseError, OpenError},
    http::assets::AssetsError,
    sessions::ValkeyError,
    signing_keys::{MalformedKey, SigningKeysError},
};

/// Why the application cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    #[error(
        "the data folder {path} cannot be created or written to: make it writable for the user that runs this \
         program, or set data_dir"
    )]
    DataDir { path: PathBuf, source: io::Error },
    #[error(
        "{path} is {place}, inside http.site_root, which is served to everyone: move it out of there, and set {setting}"
    )]
    Public { path: PathBuf, place: PathBuf, setting: &'static str },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the database {location} cannot be opened")]
    Database { location: String, source: OpenError },
    #[error(
        "the database {location} is corrupt, or no database: stop the servers, and restore a backup of the data \
         folder (`vestibule backup` makes one while they run; a copy of the file does not suffice)"
    )]
    Corrupt { location: String },
    #[error("not everything of {copy_of} was copied to {location}: run `vestibule copy` again")]
    IncompleteCopy { copy_of: String, location: String },
    #[error("the database failed")]
    Registration(#[from] DatabaseError),
    #[error("there is no connection to Valkey at {server}")]
    Valkey { server: String, source: ValkeyError },
    #[error("the server cannot listen on {address}{}", remedy(.source))]
    Listen { address: SocketAddr, source: io::Error },
    #[error("passwords cannot be hashed")]
    Passwords(#[from] PasswordError),
    #[error(transparent)]
    Assets(#[from] AssetsError),
    #[error(transparent)]
    SigningKeys(#[from] SigningKeysError),
    #[error(transparent)]
    Key(#[from] MalformedKey),
}

impl StartupError {
    /// A database that cannot be opened; its own error if it is damaged, with the remedy.
    pub fn of_database(location: String, source: OpenError) -> Self {
        if source.is_corrupt() { Self::Corrupt { location } } else { Self::Database { location, source } }
    }
}

fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::AddrInUse => {
            ", where another program listens: stop it, perhaps a server that still runs, or set http.listen"
        }
        io::ErrorKind::AddrNotAvailable => ", which is no address of this machine: set http.listen",
        io::ErrorKind::PermissionDenied => ", which this user may not: take a port above 1023 in http.listen",
        _ => "",
    }
}
