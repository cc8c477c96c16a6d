use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::error::ConfigError;

/// How the server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// The folder of static files that was built together with this server.
    pub site_root: PathBuf,
    /// Networks of proxies whose forwarded addresses are trusted.
    #[serde(with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Connections served at a time; further ones wait to be accepted.
    pub max_connections: usize,
    /// Time to send a request's head, and to stay idle between two.
    #[serde(with = "humantime_serde")]
    pub header_timeout: Duration,
    /// Time for a whole request, body included.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// Time for requests under way after the signal to stop.
    #[serde(with = "humantime_serde")]
    pub shutdown_timeout: Duration,
    /// How long browsers that were here over https refuse http; zero makes them forget.
    #[serde(with = "humantime_serde")]
    pub hsts_max_age: Duration,
    /// Whether the subdomains of the host are meant, too.
    pub hsts_include_subdomains: bool,
    /// Start although `public_url` is http and not this machine.
    pub allow_insecure_origin: bool,
}

impl HttpConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        if self.max_connections == 0 {
            let problem = "at least one connection is needed".to_owned();
            return Err(ConfigError::Invalid { key: "http.max_connections", problem });
        }
        Ok(())
    }
}

/// Networks, or single addresses as the network of just themselves.
mod networks {
    use std::net::IpAddr;

    use ipnet::IpNet;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(networks: &[IpNet], serializer: S) -> Result<S::Ok, S::Error> {
        networks.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let parse = |text: &String| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| D::Error::custom(format!("\"{text}\" is neither an address nor a network")))
        };
        texts.iter().map(parse).collect()
    }
}
