//! The files that were built for the browser.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The URL folder of what cargo-leptos builds.
const FOLDER: &str = "pkg";
/// The name that its files begin with.
const NAME: &str = "vestibule";

/// Names the hash of each file of the release, as cargo-leptos writes it: `js: <hash>` and so on. Those of the
/// release before may lie beside them, for pages that are still open.
const HASHES: &str = "hash.txt";

/// The script that starts the islands; it comes as it is written, so cargo-leptos does not hash it.
const START: &str = "start.js";
/// The script that counts down how long one has to wait; likewise.
const COUNTDOWN: &str = "countdown.js";
/// Bytes of the hash that its URL carries instead: only its own versions must differ.
const HASH_LENGTH: usize = 9;

/// URLs of the files that every page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// Path and query: the query is a hash of the content.
    pub start: String,
    pub countdown: String,
    pub script: String,
    pub wasm: String,
    pub style: String,
}

/// Why the site cannot be served.
#[derive(Debug, thiserror::Error)]
#[error(
    "no {missing} in {folder}: build the site with `make release` (or `cargo leptos build`), or set http.site_root"
)]
pub struct AssetsError {
    missing: String,
    folder: PathBuf,
    source: Option<io::Error>,
}

impl Assets {
    /// Finds the files. Release builds put a hash of the content into each name; the folder
    /// itself says which, so that server and files need nothing else to agree on.
    ///
    /// # Errors
    /// If the folder cannot be read, one of the files is missing, or it is not clear which of several is meant.
    pub fn find(site_root: &Path) -> Result<Self, AssetsError> {
        let folder = site_root.join(FOLDER);
        let error = |missing: String, source| AssetsError { missing, folder: folder.clone(), source };
        let entries = fs::read_dir(&folder).map_err(|cause| error(format!("{NAME}.js"), Some(cause)))?;
        let names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        let hashes = fs::read_to_string(folder.join(HASHES)).unwrap_or_default();
        let find = |extension: &str| {
            let mut fitting: Vec<_> = names.iter().filter(|name| is_named(name, extension)).collect();
            if let Some(current) = current_name(&hashes, extension) {
                fitting.retain(|name| **name == current);
            }
            match fitting[..] {
                [name] => Ok(format!("/{FOLDER}/{name}")),
                [] => Err(error(format!("{NAME}.{extension}"), None)),
                _ => Err(error(
                    format!("{HASHES} that says which {NAME}.….{extension} is the current one"),
                    None,
                )),
            }
        };
        let (start, countdown) = (with_hash(site_root, START)?, with_hash(site_root, COUNTDOWN)?);
        Ok(Self { start, countdown, script: find("js")?, wasm: find("wasm")?, style: find("css")? })
    }

    /// True for a URL (path and query) that carries a hash of the content: that never changes.
    pub fn is_immutable(&self, url: &str) -> bool {
        let ours = [&self.script, &self.wasm, &self.style].into_iter().any(|asset| asset == url);
        url == self.start || url == self.countdown || ours && url.split('.').count() == 3
    }
}

/// The URL of a script that comes as it is written.
fn with_hash(site_root: &Path, name: &str) -> Result<String, AssetsError> {
    let content = fs::read(site_root.join(name)).map_err(|cause| AssetsError {
        missing: name.to_owned(),
        folder: site_root.to_owned(),
        source: Some(cause),
    })?;
    let hash = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(content)[..HASH_LENGTH]);
    Ok(format!("/{name}?{hash}"))
}

/// The name of a file of the current release; `None` if its files have no hashes.
fn current_name(hashes: &str, extension: &str) -> Option<String> {
    let lines = hashes.lines().filter_map(|line| line.split_once(':'));
    let (_, hash) = lines.into_iter().find(|(kind, _)| kind.trim() == extension)?;
    Some(format!("{NAME}.{}.{extension}", hash.trim()))
}

/// `vestibule.js` or `vestibule.<hash>.js`.
fn is_named(name: &str, extension: &str) -> bool {
    let mut parts = name.split('.');
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    first == Some(NAME)
        && parts.next().is_none()
        && (second == Some(extension) && third.is_none() || third == Some(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(names: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join(FOLDER)).expect("a folder");
        for script in [START, COUNTDOWN] {
            fs::write(root.path().join(script), "").expect("a file");
        }
        for name in names {
            fs::write(root.path().join(FOLDER).join(name), "").expect("a file");
        }
        root
    }

    #[test]
    fn names_with_hashes_never_change() {
        let site =
            site(&["vestibule.Ab1.js", "vestibule.Ab1.js.br", "vestibule.Cd2.wasm", "vestibule.Ef3.css"]);
        let assets = Assets::find(site.path()).expect("complete");
        assert_eq!(assets.script, "/pkg/vestibule.Ab1.js");
        assert!(assets.is_immutable("/pkg/vestibule.Cd2.wasm"));
        assert!(!assets.is_immutable("/pkg/vestibule.Zz9.wasm"));
        assert!(assets.is_immutable(&assets.start), "{}", assets.start);
        assert!(assets.is_immutable(&assets.countdown), "{}", assets.countdown);
        assert!(!assets.is_immutable("/start.js"));
        assert!(!assets.is_immutable("/start.js?v=1"));
    }

    #[test]
    fn names_without_hashes_may_change() {
        let site = site(&["vestibule.js", "vestibule.wasm", "vestibule.css", "vestibule.d.ts.js"]);
        let assets = Assets::find(site.path()).expect("complete");
        assert_eq!(assets.wasm, "/pkg/vestibule.wasm");
        assert!(!assets.is_immutable("/pkg/vestibule.wasm"));
    }

    #[test]
    fn the_current_release_is_told_from_the_one_before() {
        let site = site(&[
            "vestibule.Old.js",
            "vestibule.Old.wasm",
            "vestibule.Old.css",
            "vestibule.New.js",
            "vestibule.New.wasm",
            "vestibule.Old2.css",
        ]);
        let error = Assets::find(site.path()).expect_err("ambiguous").to_string();
        assert!(error.contains("hash.txt that says which"), "{error}");
        fs::write(site.path().join(FOLDER).join(HASHES), "js: New\nwasm: New\ncss: Old2\n").expect("written");
        let assets = Assets::find(site.path()).expect("clear");
        assert_eq!(assets.script, "/pkg/vestibule.New.js");
        assert_eq!(assets.wasm, "/pkg/vestibule.New.wasm");
        assert_eq!(assets.style, "/pkg/vestibule.Old2.css");
    }

    #[test]
    fn a_site_that_was_not_built_is_said_to_be_so() {
        let error = Assets::find(site(&["vestibule.js"]).path()).expect_err("incomplete");
        assert!(error.to_string().contains("make release"), "{error}");
        let site = site(&["vestibule.js", "vestibule.wasm", "vestibule.css"]);
        fs::remove_file(site.path().join(START)).expect("removed");
        let error = Assets::find(site.path()).expect_err("incomplete");
        assert!(error.to_string().contains("start.js"), "{error}");
    }
}
