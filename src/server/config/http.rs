use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

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
    /// Connections served at a time; further ones take the place of idle ones, or wait.
    pub max_connections: usize,
    /// The same for one address, or one /64 network of IPv6 addresses; trusted proxies have no limit.
    pub max_connections_per_address: usize,
    /// Time that a connection may stay idle before a request.
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    /// Time to send a request's head once it has begun.
    #[serde(with = "humantime_serde")]
    pub header_timeout: Duration,
    /// Bytes a second that a client must send or read while it is waited for, averaged over the window.
    pub min_rate: u32,
    #[serde(with = "humantime_serde")]
    pub min_rate_window: Duration,
    /// Time for a whole request, body included.
    #[serde(with = "humantime_serde")]
    pub request_timeout: Duration,
    /// Time for everything after the signal to stop.
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
    /// Whether this is the address of a proxy that is believed when it names its client.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|network| network.contains(&peer))
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let connections = [
            ("http.max_connections", self.max_connections),
            ("http.max_connections_per_address", self.max_connections_per_address),
        ];
        let times = [
            ("http.idle_timeout", self.idle_timeout),
            ("http.header_timeout", self.header_timeout),
            ("http.min_rate_window", self.min_rate_window),
        ];
        if let Some((key, _)) = connections.iter().find(|(_, count)| *count == 0) {
            return Err(ConfigError::invalid(*key, "at least one connection is needed"));
        }
        if let Some((key, _)) = times.iter().find(|(_, time)| time.is_zero()) {
            return Err(ConfigError::invalid(*key, "no client is that fast"));
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
        let parse = |text: &str| {
            let address = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            text.parse::<IpNet>()
                .or_else(|_| address())
                .map_err(|_| D::Error::custom(format!("\"{text}\" is neither an address nor a network")))
        };
        // As people write lists: with spaces, and with a comma at the end.
        texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(parse).collect()
    }
}
