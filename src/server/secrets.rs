//! `secret.key`: the keys that sign cookies, made on first start.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox};

use super::clock::{Entropy, random};

/// Bytes of a key: as many as SHA-256 gives (RFC 2104).
pub const KEY_LENGTH: usize = 32;

/// A signing key.
pub type Key = SecretBox<[u8; KEY_LENGTH]>;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("{path} cannot be read or made: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} does not hold a key a line, each 32 bytes in base64")]
    Malformed { path: PathBuf },
}

/// A text that is no key; it is not repeated, since it may be nearly one.
#[derive(Debug, thiserror::Error)]
#[error("a key is 32 bytes in base64")]
pub struct MalformedKey;

/// The keys of `file`, a line each; the first signs, all of them verify. A file that does not
/// exist is made, readable by its owner alone.
///
/// # Errors
/// If the file cannot be read or made, or holds anything but keys.
pub fn load_or_create(file: &Path, entropy: &dyn Entropy) -> Result<Vec<Key>, SecretsError> {
    let io_error = |source| SecretsError::Io { path: file.to_owned(), source };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(file, entropy).map_err(io_error)?,
        Err(error) => return Err(io_error(error)),
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Result<Vec<Key>, MalformedKey> = lines.map(parse).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(SecretsError::Malformed { path: file.to_owned() }),
    }
}

fn create(file: &Path, entropy: &dyn Entropy) -> io::Result<String> {
    let key: Key = SecretBox::new(Box::new(random(entropy)));
    let line = BASE64_URL_SAFE_NO_PAD.encode(key.expose_secret()) + "\n";
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?.write_all(line.as_bytes())?;
    Ok(line)
}

/// A key in base64, of either alphabet, padded or not.
///
/// # Errors
/// If it is anything else.
pub fn parse(text: &str) -> Result<Key, MalformedKey> {
    let text = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedKey)?;
    Ok(SecretBox::new(Box::new(bytes.try_into().map_err(|_| MalformedKey)?)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::server::clock::SystemEntropy;

    #[test]
    fn a_key_is_made_once_and_for_the_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        let made = load_or_create(&file, &SystemEntropy).expect("made");
        let read = load_or_create(&file, &SystemEntropy).expect("read");
        assert_eq!(made[0].expose_secret(), read[0].expose_secret());
        assert_eq!(fs::metadata(&file).expect("exists").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        for text in ["", "\n", "hello\n", "AAAA\n"] {
            fs::write(&file, text).expect("written");
            assert!(matches!(load_or_create(&file, &SystemEntropy), Err(SecretsError::Malformed { .. })));
        }
    }
}
