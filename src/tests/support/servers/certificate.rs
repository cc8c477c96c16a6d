//! A certificate for `localhost`, and the private authority that has signed it.

use std::{fs, path::PathBuf};

use super::{folder::Folder, program};

const NEW_KEY: &str = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj";
const SIGN: &str =
    "x509 -req -CA authority.crt -CAkey authority.key -CAcreateserial -days 30 -extfile extensions";
const EXTENSIONS: &str =
    "basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = DNS:localhost\n";

/// The files that a server with TLS needs, and the one that its clients need.
#[derive(Debug)]
pub struct Certificate {
    pub authority: PathBuf,
    pub file: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    /// Makes them in the folder of the server.
    pub fn create(folder: &Folder) -> Self {
        let openssl = program::find(&["openssl"]).expect("OpenSSL is needed for the tests");
        let run = |line: &str| {
            program::output(folder.command(&openssl).args(line.split_whitespace()));
        };
        run(&format!("{NEW_KEY} /CN=Tests -x509 -days 30 -keyout authority.key -out authority.crt"));
        run(&format!("{NEW_KEY} /CN=localhost -keyout server.key -out server.csr"));
        fs::write(folder.file("extensions"), EXTENSIONS).expect("extensions are written");
        run(&format!("{SIGN} -in server.csr -out server.crt"));
        Self {
            authority: folder.file("authority.crt"),
            file: folder.file("server.crt"),
            key: folder.file("server.key"),
        }
    }
}
