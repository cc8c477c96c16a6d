//! Configuration: defaults that work on a laptop, then a TOML file, then the environment.
//!
//! One struct per concern, validated when it is loaded. The TOML files of the same names document every
//! key with its default; together they are what `vestibule config` prints.

mod audit;
mod bounds;
mod database;
mod error;
mod http;
mod keys;
mod limits;
mod mail;
mod mail_url;
mod passwords;
mod postgres_url;
mod public_url;
mod registration;
mod secret_url;
mod sessions;
mod settings;
#[cfg(test)]
mod tests;
mod valkey_url;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use config::{File, FileFormat};
use serde::{Deserialize, Serialize};

pub use audit::AuditConfig;
pub use database::{DatabaseConfig, DatabaseLocation};
pub use error::ConfigError;
pub use http::HttpConfig;
pub use keys::Keys;
pub use limits::LimitsConfig;
pub use mail::MailConfig;
pub use mail_url::{MailTls, MailUrl};
pub use passwords::PasswordsConfig;
pub use postgres_url::PostgresUrl;
pub use public_url::PublicUrl;
pub use registration::{RegistrationConfig, RegistrationPolicy};
pub use secret_url::SecretUrl;
pub use sessions::{MAX_SESSIONS, SessionsConfig};
use settings::Settings;
pub use valkey_url::ValkeyUrl;

use super::private_files::place_inside;

/// Every key with its default and what it is for.
pub const REFERENCE: &str = concat!(
    include_str!("reference.toml"),
    "\n",
    include_str!("http.toml"),
    "\n",
    include_str!("database.toml"),
    "\n",
    include_str!("limits.toml"),
    "\n",
    include_str!("sessions.toml"),
    "\n",
    include_str!("audit.toml"),
    "\n",
    include_str!("passwords.toml"),
    "\n",
    include_str!("registration.toml"),
    "\n",
    include_str!("mail.toml"),
);

/// What the operator decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address that visitors type.
    pub public_url: PublicUrl,
    /// Database, keys and all else that must survive a restart.
    pub data_dir: PathBuf,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// `text` for people, `json` for machines.
    pub log_format: LogFormat,
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub limits: LimitsConfig,
    pub sessions: SessionsConfig,
    pub audit: AuditConfig,
    pub passwords: PasswordsConfig,
    pub registration: RegistrationConfig,
    pub mail: MailConfig,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum LogFormat {
    Text,
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it is either text or json"),
        }
    }
}

impl Config {
    /// Reads `file`, if one is named, and the variables of `environment` that start with `VESTIBULE_`.
    ///
    /// # Errors
    /// If the file does not parse, a key is unknown, or a value makes no sense.
    pub fn load(file: Option<&Path>, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => fs::read_to_string(path)
                .map_err(|source| ConfigError::File { path: path.to_owned(), source })?,
            None => String::new(),
        };
        let reference = Settings::parse(REFERENCE, "the reference")?;
        let name = file.unwrap_or(Path::new("")).display().to_string();
        let mut unknown = reference.unknown_of(&Settings::parse(&text, &name)?);
        let toml = |text: &str| File::from_str(text, FileFormat::Toml);
        let mut builder = config::Config::builder().add_source(toml(REFERENCE));
        // cargo-leptos says where it wants the server.
        if let Some(listen) = environment.get("LEPTOS_SITE_ADDR") {
            let address = config::Config::builder().set_override("http.listen", listen.as_str())?;
            builder = builder.add_source(address.build()?);
        }
        builder = builder.add_source(toml(&text));
        let mut variables: Vec<_> = environment.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        variables.sort();
        for (variable, text) in &variables {
            match reference.find(variable, text) {
                Some(Ok(path)) => builder = builder.set_override(path, reference.typed(path, text)?)?,
                Some(Err(setting)) => unknown.push(setting),
                None => {}
            }
        }
        if !unknown.is_empty() {
            return Err(ConfigError::Unknown(unknown));
        }
        let built = builder.build()?;
        let config: Self = built.clone().try_deserialize().map_err(|error| of_value(error, &built))?;
        config.validate()?;
        if file.is_some_and(|file| place_inside(file, &config.http.site_root).is_some()) {
            let problem =
                format!("{name} is inside of it, and would be served to everyone: move it out of there");
            return Err(ConfigError::invalid("http.site_root", problem));
        }
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.public_url.validate(self.http.allow_insecure_origin)?;
        self.http.validate()?;
        self.database.validate()?;
        self.limits.validate()?;
        self.sessions.validate()?;
        self.audit.validate()?;
        self.passwords.validate()?;
        self.mail.validate(&self.public_url)
    }
}

/// What is wrong with the value of a setting, which is named, and shown unless it is a secret.
fn of_value(error: config::ConfigError, built: &config::Config) -> ConfigError {
    match error {
        config::ConfigError::Type { key: Some(key), expected, .. } => {
            let problem = format!("expected {expected}, not {}", shown(&key, built));
            ConfigError::invalid(key, problem)
        }
        config::ConfigError::At { error, key: Some(key), .. } => {
            // The error may repeat the value.
            let why = if settings::is_secret(&key) { String::new() } else { format!(": {error}") };
            let problem = format!("{} is not valid{why}", shown(&key, built));
            ConfigError::invalid(key, problem)
        }
        error => ConfigError::Unreadable(error),
    }
}

fn shown(key: &str, built: &config::Config) -> String {
    let list = |_| built.get::<Vec<String>>(key).map(|items| items.join(", "));
    let text = built.get_string(key).or_else(list);
    text.map_or_else(|_| settings::NOT_SHOWN.to_owned(), |text| settings::shown(key, &text))
}
