use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::{
    bounds::{DAY, HOUR, SECOND, TEN_YEARS, check_duration, check_number, duration},
    error::ConfigError,
};

const MAX_CONNECTIONS: usize = 1_000_000;
/// Bytes a second; a client at home does not reach more.
const MAX_RATE: u32 = 1_000_000;

/// How the server listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    #[serde(deserialize_with = "listen")]
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
    #[serde(with = "duration")]
    pub idle_timeout: Duration,
    /// Time to send a request's head once it has begun.
    #[serde(with = "duration")]
    pub header_timeout: Duration,
    /// Bytes a second that a client must send or read while it is waited for, averaged over the window.
    pub min_rate: u32,
    #[serde(with = "duration")]
    pub min_rate_window: Duration,
    /// Time for a whole request, body included.
    #[serde(with = "duration")]
    pub request_timeout: Duration,
    /// Time for everything after the signal to stop.
    #[serde(with = "duration")]
    pub shutdown_timeout: Duration,
    /// How long browsers that were here over https refuse http; zero makes them forget.
    #[serde(with = "duration")]
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
        for (key, connections) in [
            ("http.max_connections", self.max_connections),
            ("http.max_connections_per_address", self.max_connections_per_address),
        ] {
            check_number(key, connections, 1..=MAX_CONNECTIONS)?;
        }
        check_number("http.min_rate", self.min_rate, 0..=MAX_RATE)?;
        for (key, time, bounds) in [
            ("http.idle_timeout", self.idle_timeout, SECOND..=DAY),
            ("http.header_timeout", self.header_timeout, SECOND..=HOUR),
            ("http.min_rate_window", self.min_rate_window, SECOND..=HOUR),
            ("http.request_timeout", self.request_timeout, SECOND..=DAY),
            ("http.shutdown_timeout", self.shutdown_timeout, SECOND..=HOUR),
            ("http.hsts_max_age", self.hsts_max_age, Duration::ZERO..=TEN_YEARS),
        ] {
            check_duration(key, time, bounds)?;
        }
        Ok(())
    }
}

fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let expected = "expected an address and a port, such as 127.0.0.1:3000";
    String::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom(expected))
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
