//! A configuration file, then a line `---`, then variables of the environment.

use std::fs;

use tempfile::TempDir;
use vestibule::server::{
    config::{Config, ConfigError},
    domain::error_chain,
};

use super::corpus;

/// The passwords and keys in the corpus.
const SECRETS: [&str; 2] = ["correct-horse", "S1gningKey"];

pub fn target() -> impl FnMut(&[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    move |input| match load(&folder, input) {
        Ok(config) => {
            toml::to_string(&config).expect("TOML");
            "loaded".to_owned()
        }
        Err(error) => error_chain(&error).chars().filter(|char| !char.is_ascii_digit()).take(60).collect(),
    }
}

#[test]
fn neither_a_refusal_nor_the_settings_in_force_name_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    for input in corpus::read("configuration") {
        let shown = match load(&folder, &input) {
            Ok(config) => format!("{config:?} {}", toml::to_string(&config).expect("TOML")),
            Err(error) => format!("{error:?} {}", error_chain(&error)),
        };
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

fn load(folder: &TempDir, input: &[u8]) -> Result<Config, ConfigError> {
    let text = String::from_utf8_lossy(input);
    let (settings, variables) = text.split_once("\n---\n").unwrap_or((&text, ""));
    let file = folder.path().join("vestibule.toml");
    fs::write(&file, settings).expect("written");
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::load(Some(&file), variables.collect())
}
