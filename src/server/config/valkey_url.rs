//! `redis://user:password@host:port/number`, or `rediss://` for TLS.

use std::path::PathBuf;

use url::Url;

/// How to reach a Valkey or Redis server.
#[derive(Clone)]
pub struct ValkeyUrl {
    /// Without our own parameters.
    pub url: Url,
    /// `sslrootcert`: the certificates that may sign that of the server, in place of the system's.
    pub root_certificates: Option<PathBuf>,
}

impl ValkeyUrl {
    /// # Errors
    /// What is wrong with it, without repeating it: it may contain a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = Url::parse(text).map_err(|error| error.to_string())?;
        if !["redis", "rediss"].contains(&url.scheme()) || url.host().is_none() {
            return Err("expected redis://host:6379, or rediss:// for TLS".to_owned());
        }
        let mut root_certificates = None;
        for (key, value) in url.query_pairs() {
            match &*key {
                "sslrootcert" => root_certificates = Some(PathBuf::from(value.into_owned())),
                other => return Err(format!("{other} is not known; there is only sslrootcert")),
            }
        }
        url.set_query(None);
        Ok(Self { url, root_certificates })
    }

    /// The server, to name it in messages.
    pub fn describe(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl std::fmt::Debug for ValkeyUrl {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named_without_the_password() {
        for url in ["http://me:hunter2@host", "redis:me:hunter2", "rediss://me:hunter2@host?insecure=1"] {
            let refused = ValkeyUrl::parse(url).expect_err(url);
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        let url =
            ValkeyUrl::parse("rediss://me:hunter2@valkey.example:6380/1?sslrootcert=/ca.pem").expect("valid");
        assert_eq!(url.describe(), "valkey.example:6380");
        assert!(!format!("{url:?}").contains("hunter2"));
        assert_eq!(url.root_certificates, Some("/ca.pem".into()));
        assert_eq!(url.url.as_str(), "rediss://me:hunter2@valkey.example:6380/1");
    }
}
