//! `secret.key`: the keys that sign cookies, made on the first start.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

use super::{
    domain::{Entropy, random},
    private_files::{self, FILE_MODE},
};

/// Bytes of a key: the length of a SHA-256 hash (RFC 2104, section 3).
pub const KEY_LENGTH: usize = 32;

/// Bytes of a fingerprint.
const FINGERPRINT_LENGTH: usize = 9;

/// A key for HMAC-SHA-256.
pub type SigningKey = SecretBox<[u8; KEY_LENGTH]>;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeysError {
    #[error("{path} cannot be read or written")]
    Io { path: PathBuf, source: io::Error },
    #[error("sessions.keys_file names {path}, and there is no such file: put the keys there, one per line")]
    Missing { path: PathBuf },
    #[error(
        "{path} is a folder, as containers make one where the file to mount is missing: remove it, and mount a file with \
         keys, or none"
    )]
    Folder { path: PathBuf },
    #[error(
        "{path} is empty; delete it, and a new key is made at the next start (everyone has to sign in again)"
    )]
    Empty { path: PathBuf },
    #[error(
        "{path} has a line that is not a key: each must be 32 random bytes in base64, such as `openssl rand -base64 32` prints"
    )]
    Malformed { path: PathBuf },
}

/// The text is not repeated in the message, since it may be nearly a key.
#[derive(Debug, thiserror::Error)]
#[error("a key must be 32 random bytes in base64")]
pub struct MalformedKey;

/// Reads the keys in `file`, one per line; the first signs, all of them verify. If there is no such
/// file, it is created with one new key.
///
/// # Errors
/// If the file cannot be read or created, or contains anything but keys.
pub fn load_or_create(file: &Path, entropy: &dyn Entropy) -> Result<Vec<SigningKey>, SigningKeysError> {
    refuse_folder(file)?;
    parse_file(file, read_or_create(file, entropy))
}

/// Reads the keys in `file`, which someone else provides: perhaps mounted read-only, with a mode of its own.
///
/// # Errors
/// If the file cannot be read, or contains anything but keys.
pub fn load(file: &Path) -> Result<Vec<SigningKey>, SigningKeysError> {
    refuse_folder(file)?;
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(SigningKeysError::Missing { path: file.to_owned() })
        }
        text => parse_file(file, text),
    }
}

/// A name of a key, which tells nothing about it.
pub fn fingerprint(key: &SigningKey) -> String {
    let mut hash = Sha256::new();
    hash.update(b"vestibule key fingerprint");
    hash.update(key.expose_secret());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..FINGERPRINT_LENGTH])
}

fn refuse_folder(file: &Path) -> Result<(), SigningKeysError> {
    if file.is_dir() { Err(SigningKeysError::Folder { path: file.to_owned() }) } else { Ok(()) }
}

fn parse_file(file: &Path, text: io::Result<String>) -> Result<Vec<SigningKey>, SigningKeysError> {
    let path = file.to_owned();
    match text {
        Ok(text) if text.trim().is_empty() => Err(SigningKeysError::Empty { path }),
        Ok(text) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(parse).collect::<Result<_, _>>().map_err(|_| SigningKeysError::Malformed { path })
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(SigningKeysError::Malformed { path }),
        Err(source) => Err(SigningKeysError::Io { path, source }),
    }
}

fn read_or_create(file: &Path, entropy: &dyn Entropy) -> io::Result<String> {
    if !file.exists() {
        create(file, entropy)?;
    }
    private_files::restrict(file)?;
    fs::read_to_string(file)
}

/// Writes the key to a temporary file and links it to its place once it is on disk, so that a crash leaves
/// the whole file or none. If another process was faster, its key is used.
fn create(file: &Path, entropy: &dyn Entropy) -> io::Result<()> {
    let key: SigningKey = SecretBox::new(Box::new(random(entropy)));
    let line = BASE64_URL_SAFE_NO_PAD.encode(key.expose_secret()) + "\n";
    let draft = file.with_extension(BASE64_URL_SAFE_NO_PAD.encode(random::<9>(entropy)));
    write_new(&draft, &line)?;
    let linked = match fs::hard_link(&draft, file) {
        // A file system without links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => write_new(file, &line),
        linked => linked,
    };
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(file.parent().unwrap_or(Path::new(".")))?.sync_all(),
    }
}

fn write_new(file: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Parses a key in base64, in either alphabet, padded or not.
///
/// # Errors
/// If it is anything else, or was not made at random: 32 times the same byte.
pub fn parse(text: &str) -> Result<SigningKey, MalformedKey> {
    let text = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedKey)?;
    let key: [u8; KEY_LENGTH] = bytes.try_into().map_err(|_| MalformedKey)?;
    if key.iter().all(|byte| *byte == key[0]) {
        return Err(MalformedKey);
    }
    Ok(SecretBox::new(Box::new(key)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::server::system::SystemEntropy;

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).expect("exists").permissions().mode() & 0o777
    }

    #[test]
    fn a_key_is_created_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        let created = load_or_create(&file, &SystemEntropy).expect("created");
        let read = load_or_create(&file, &SystemEntropy).expect("read");
        assert_eq!(created[0].expose_secret(), read[0].expose_secret());
        assert_eq!(mode(&file), 0o600);
        let files = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 1, "nothing else is left behind");
    }

    #[test]
    fn a_file_that_others_can_read_is_restricted() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        load_or_create(&file, &SystemEntropy).expect("created");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("changed");
        load_or_create(&file, &SystemEntropy).expect("read");
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn processes_that_start_at_once_use_the_same_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        let start = || load_or_create(&file, &SystemEntropy).expect("created").remove(0);
        let keys: Vec<SigningKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(keys.iter().all(|key| key.expose_secret() == keys[0].expose_secret()));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_file_that_its_owner_can_only_read_stays_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        load_or_create(&file, &SystemEntropy).expect("created");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("changed");
        load_or_create(&file, &SystemEntropy).expect("read");
        assert_eq!(mode(&file), 0o400);
    }

    #[test]
    fn an_empty_file_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        for text in ["", "\n"] {
            fs::write(&file, text).expect("written");
            let error = load_or_create(&file, &SystemEntropy).expect_err("refused").to_string();
            assert!(error.contains("delete it"), "{error}");
        }
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret.key");
        let zeros = "A".repeat(43);
        for text in [&b"hello\n"[..], b"AAAA\n", b"\xff\xfe", zeros.as_bytes()] {
            fs::write(&file, text).expect("written");
            let refused = load_or_create(&file, &SystemEntropy);
            assert!(matches!(refused, Err(SigningKeysError::Malformed { .. })), "{text:?}");
        }
    }

    #[test]
    fn a_folder_and_a_missing_file_are_refused_with_the_remedy() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = mode(folder.path());
        for refused in [load_or_create(folder.path(), &SystemEntropy), load(folder.path())] {
            let error = refused.expect_err("refused").to_string();
            assert!(error.contains("is a folder"), "{error}");
        }
        assert_eq!(mode(folder.path()), before, "it is left as it was");
        let error = load(&folder.path().join("keys")).expect_err("refused").to_string();
        assert!(error.contains("sessions.keys_file names"), "{error}");
    }
}
