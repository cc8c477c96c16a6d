//! Why the configuration cannot be used.

use std::{fmt, io, path::PathBuf};

/// What the names of variables in the environment begin with.
pub(super) const PREFIX: &str = "VESTIBULE_";

/// Why the configuration cannot be used; the sentence names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration {path} cannot be read")]
    File { path: PathBuf, source: io::Error },
    /// Not TOML.
    #[error("{place}: {problem}")]
    Syntax { place: String, problem: String },
    #[error("the configuration cannot be read")]
    Unreadable(#[from] config::ConfigError),
    /// All of them at once.
    #[error("{}", lines(.0))]
    Unknown(Vec<UnknownSetting>),
    /// The value of a setting is not of its type, or makes no sense.
    #[error("{key}: {problem}")]
    Invalid { key: String, problem: String },
}

impl ConfigError {
    pub fn invalid(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid { key: key.into(), problem: problem.into() }
    }
}

/// A setting that there is not, and the one that was perhaps meant.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownSetting {
    pub path: String,
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, nearest } = self;
        write!(formatter, "unknown setting {} ({})", path.escape_debug(), variable(path).escape_debug())?;
        match nearest {
            Some(nearest) => write!(formatter, "; did you mean {nearest} ({})?", variable(nearest)),
            None => formatter.write_str("; `vestibule config` prints all that there are"),
        }
    }
}

/// The name of a setting in the environment.
fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.to_uppercase().replace('.', "__"))
}

fn lines(unknown: &[UnknownSetting]) -> String {
    unknown.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
