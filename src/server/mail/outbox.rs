//! Mails as files, for development: `data/outbox/*.eml`, which mail programs open.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{message::Mail, send_error::SendError};
use crate::server::{
    domain::display_time,
    private_files::{self, FILE_MODE},
};

/// The folder of mails in the data folder.
pub const OUTBOX: &str = "outbox";

/// A folder of mails.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    pub fn new(data_dir: &Path) -> Self {
        Self { folder: data_dir.join(OUTBOX) }
    }

    /// Writes a mail to a file, whose name begins with the time.
    pub async fn write(&self, mail: &Mail, message: &[u8]) -> Result<(), SendError> {
        let time = display_time(mail.at).machine.replace(':', "-");
        let (outbox, name, message) = (self.clone(), format!("{time}-{}", mail.id), message.to_owned());
        let writing = tokio::task::spawn_blocking(move || outbox.write_file(&name, &message));
        let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        written.map_err(|error| SendError::temporary(format!("{}: {error}", self.folder.display())))
    }

    /// Under another name until all of it is there.
    fn write_file(&self, name: &str, message: &[u8]) -> io::Result<()> {
        private_files::create_folder(&self.folder)?;
        let draft = self.folder.join(format!(".{name}"));
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(&draft)?;
        file.write_all(message)?;
        file.sync_all()?;
        fs::rename(&draft, self.folder.join(format!("{name}.eml")))?;
        // Or a power cut takes the new name back, and the queue has forgotten the mail.
        File::open(&self.folder)?.sync_all()
    }
}
