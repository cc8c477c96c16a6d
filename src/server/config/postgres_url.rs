//! `postgres://user:password@host:port/database`, as libpq reads it, with stricter TLS.

use std::{net::IpAddr, path::PathBuf, str::FromStr};

use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};
use url::form_urlencoded;

use crate::server::domain::error_chain;

/// How to reach a PostgreSQL server. Its debug output has no password.
#[derive(Clone, Debug)]
pub struct PostgresUrl {
    pub settings: Config,
    /// `sslrootcert`: the certificates that may sign that of the server, in place of the system's.
    pub root_certificates: Option<PathBuf>,
}

impl PostgresUrl {
    /// Without `sslmode`, TLS is required unless every host is loopback; with `verify-full` it always is. The
    /// certificate is verified in any case: what does not verify it is refused rather than weakened.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it may contain a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        // A URL of several hosts with ports is none for the crate `url`.
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut sslmode, mut root_certificates, mut others) = (None, None, Vec::new());
        for parameter in query.split('&') {
            match form_urlencoded::parse(parameter.as_bytes()).next() {
                Some((key, value)) if key == "sslmode" => sslmode = Some(value.into_owned()),
                Some((key, value)) if key == "sslrootcert" => {
                    root_certificates = Some(PathBuf::from(value.into_owned()));
                }
                // The one could hide another machine behind a loopback name, the other would be shown.
                Some((key, _)) if ["hostaddr", "password"].contains(&&*key) => {
                    return Err(format!("{key} cannot be a parameter: it belongs before the question mark"));
                }
                _ => others.push(parameter),
            }
        }
        let others = others.join("&");
        let mut settings =
            Config::from_str(&format!("{address}?{others}")).map_err(|error| error_chain(&error))?;
        if settings.get_hosts().is_empty() {
            return Err("it names no host".to_owned());
        }
        settings.ssl_mode(ssl_mode(sslmode.as_deref(), &settings)?);
        if settings.get_hosts().len() > 1 {
            // One of them is the primary, the others are standbys.
            settings.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(Self { settings, root_certificates })
    }

    /// Host, port and database, to name it in messages.
    pub fn describe(&self) -> String {
        let ports = self.settings.get_ports().iter().cycle();
        let hosts = self.settings.get_hosts().iter().zip(ports);
        let hosts: Vec<_> = hosts.map(|(host, port)| format!("{}:{port}", host_name(host))).collect();
        let database = self.settings.get_dbname().or(self.settings.get_user()).unwrap_or_default();
        format!("{database} on {}", hosts.join(", "))
    }
}

fn ssl_mode(sslmode: Option<&str>, settings: &Config) -> Result<SslMode, String> {
    match sslmode {
        Some("verify-full") => Ok(SslMode::Require),
        Some("disable") => Ok(SslMode::Disable),
        None if settings.get_hosts().iter().all(is_loopback) => Ok(SslMode::Disable),
        None => Ok(SslMode::Require),
        Some(other) => Err(format!(
            "sslmode is verify-full or disable; {other} would not verify who answers (use sslrootcert for a \
             certificate authority of your own)"
        )),
    }
}

fn host_name(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        PostgresUrl::parse(url).expect("valid").settings.get_ssl_mode()
    }

    #[test]
    fn tls_is_required_for_other_machines() {
        assert_eq!(mode("postgres://vestibule@db.example/app"), SslMode::Require);
        assert_eq!(mode("postgres://vestibule@db.example/app?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://vestibule@127.0.0.1/app?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://vestibule@127.0.0.1,db.example/app"), SslMode::Require);
        assert_eq!(mode("postgres://vestibule@db.example/app?sslmode=disable"), SslMode::Disable);
        for loopback in ["127.0.0.1", "localhost", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://vestibule@{loopback}/app")), SslMode::Disable, "{loopback}");
        }
    }

    #[test]
    fn tls_without_verification_is_refused() {
        for weak in ["allow", "prefer", "require", "verify-ca"] {
            let refused = PostgresUrl::parse(&format!("postgres://vestibule@db.example/app?sslmode={weak}"));
            assert!(refused.expect_err(weak).contains("verify-full"));
        }
    }

    #[test]
    fn a_password_is_in_no_message() {
        let url = PostgresUrl::parse("postgres://vestibule:hunter2@db.example/app").expect("valid");
        assert_eq!(url.describe(), "app on db.example:5432");
        assert!(!format!("{url:?}").contains("hunter2"));
        let refused =
            PostgresUrl::parse("postgres://vestibule:hunter2@db.example:port/app").expect_err("refused");
        assert!(!refused.contains("hunter2"), "{refused}");
        PostgresUrl::parse("postgres://vestibule@db.example/app?password=hunter2")
            .expect_err("it would be shown");
    }

    #[test]
    fn no_host_hides_behind_another() {
        PostgresUrl::parse("postgres://vestibule@localhost/app?hostaddr=10.0.0.5").expect_err("not loopback");
        PostgresUrl::parse("postgres:///app").expect_err("no host");
    }

    #[test]
    fn of_several_hosts_the_one_that_writes_is_meant() {
        let url =
            PostgresUrl::parse("postgres://vestibule@a.example:5432,b.example:5433/app").expect("valid");
        assert_eq!(url.settings.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(url.describe(), "app on a.example:5432, b.example:5433");
        let options = "postgres://vestibule@a.example/app?options=-c%20search_path%3Dapp&sslmode=disable";
        let settings = PostgresUrl::parse(options).expect("valid").settings;
        assert_eq!(settings.get_options(), Some("-c search_path=app"));
    }
}
