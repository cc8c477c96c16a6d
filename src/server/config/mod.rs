//! Configuration: defaults that work on a laptop, then a TOML file, then the environment.
//!
//! One struct per concern, validated when it is loaded. The TOML files of the same names document every
//! key with its default; together they are what `vestibule config` prints.

mod audit;
mod database;
mod error;
mod http;
mod keys;
mod postgres_url;
mod public_url;
mod secret_url;
mod sessions;
mod valkey_url;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use config::{Environment, File, FileFormat};
use serde::{Deserialize, Serialize};

pub use audit::AuditConfig;
pub use database::{DatabaseConfig, DatabaseLocation};
pub use error::ConfigError;
pub use http::HttpConfig;
pub use keys::Keys;
pub use postgres_url::PostgresUrl;
pub use public_url::PublicUrl;
pub use secret_url::SecretUrl;
pub use sessions::{MAX_SESSIONS, SessionsConfig};
pub use valkey_url::ValkeyUrl;

/// Every key with its default and what it is for.
pub const REFERENCE: &str = concat!(
    include_str!("reference.toml"),
    include_str!("http.toml"),
    include_str!("database.toml"),
    include_str!("sessions.toml"),
    include_str!("audit.toml"),
);

/// What the operator decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address that visitors type.
    pub public_url: PublicUrl,
    /// Database, keys and whatever else must survive a restart.
    pub data_dir: PathBuf,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// `text` for people, `json` for machines.
    pub log_format: LogFormat,
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub sessions: SessionsConfig,
    pub audit: AuditConfig,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads `file`, if one is named, and the variables of `environment` that start with `VESTIBULE_`.
    ///
    /// # Errors
    /// If the file does not parse, a key is unknown, or a value makes no sense.
    pub fn load(file: Option<&Path>, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        let toml = |text: &str| File::from_str(text, FileFormat::Toml);
        let mut builder = config::Config::builder().add_source(toml(REFERENCE));
        // cargo-leptos says where it wants the server.
        if let Some(listen) = environment.get("LEPTOS_SITE_ADDR") {
            builder = builder.add_source(toml(&format!("http.listen = {listen:?}")));
        }
        if let Some(file) = file {
            builder = builder.add_source(File::from(file).format(FileFormat::Toml));
        }
        let variables = Environment::with_prefix("VESTIBULE")
            .prefix_separator("_")
            .separator("__")
            .list_separator(",")
            .with_list_parse_key("http.trusted_proxies")
            .with_list_parse_key("sessions.keys")
            .try_parsing(true)
            .ignore_empty(true)
            .source(Some(environment));
        let config: Self = builder.add_source(variables).build()?.try_deserialize()?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.public_url.validate(self.http.allow_insecure_origin)?;
        self.http.validate()?;
        self.database.validate()?;
        self.sessions.validate()?;
        self.audit.validate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::domain::error_chain;

    fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let variables = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Config::load(None, variables.collect())
    }

    fn refusal(variables: &[(&str, &str)]) -> String {
        error_chain(&load(variables).expect_err("should be refused"))
    }

    #[test]
    fn nothing_needs_configuring() {
        let config = load(&[]).expect("the reference is valid");
        assert_eq!(config.public_url.origin(), "http://localhost:3000");
        assert_eq!(config.data_dir, Path::new("data"));
    }

    #[test]
    fn the_environment_wins() {
        let config = load(&[
            ("VESTIBULE_PUBLIC_URL", "https://app.example"),
            ("VESTIBULE_HTTP__LISTEN", "[::1]:8080"),
            ("VESTIBULE_HTTP__TRUSTED_PROXIES", "127.0.0.1/32,10.0.0.0/8"),
            ("LEPTOS_SITE_ADDR", "127.0.0.1:3000"),
        ])
        .expect("valid");
        assert!(config.public_url.is_https());
        assert_eq!(config.http.listen.to_string(), "[::1]:8080");
        assert_eq!(config.http.trusted_proxies.len(), 2);
    }

    #[test]
    fn cargo_leptos_names_the_address() {
        let config = load(&[("LEPTOS_SITE_ADDR", "127.0.0.1:4000")]).expect("valid");
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:4000");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(refusal(&[("VESTIBULE_PUBLIC_URL", "http://app.example")]).contains("allow_insecure_origin"));
        assert!(refusal(&[("VESTIBULE_PUBLIC_URL", "https://app.example/path")]).contains("public_url"));
        assert!(refusal(&[("VESTIBULE_HTTP__LISTEM", "[::1]:8080")]).contains("listem"));
        assert!(refusal(&[("VESTIBULE_DATABASE__URL", "mysql://x")]).contains("database.url"));
        assert!(refusal(&[("VESTIBULE_SESSIONS__IDLE_TIMEOUT", "48h")]).contains("sessions.idle_timeout"));
        assert!(refusal(&[("VESTIBULE_SESSIONS__IDLE_TIMEOUT", "2m")]).contains("sessions.idle_timeout"));
        assert!(refusal(&[("VESTIBULE_AUDIT__RETENTION", "6d")]).contains("audit.retention"));
        assert!(refusal(&[("VESTIBULE_SESSIONS__KEYS", "c2hvcnQ")]).contains("sessions.keys"));
    }

    #[test]
    fn keys_are_read_and_never_shown() {
        let key = "A".repeat(43);
        let config = load(&[("VESTIBULE_SESSIONS__KEYS", &format!("{key},{key}="))]).expect("valid");
        assert_eq!(config.sessions.keys.parse().expect("keys").len(), 2);
        assert!(!format!("{config:?}").contains(&key));
        assert!(!toml::to_string(&config).expect("TOML").contains(&key));
    }
}
