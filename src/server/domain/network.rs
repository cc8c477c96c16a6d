//! The network that a limit per address counts.

use std::net::IpAddr;

use ipnet::IpNet;

/// What one customer of a provider gets, of IPv6.
const IPV6_PREFIX: u8 = 64;

/// An IPv4 address alone, however it is written, or the /64 of an IPv6 address: a customer who has one of its
/// addresses has them all (RFC 6177).
pub fn network_of(address: IpAddr) -> IpNet {
    let address = address.to_canonical();
    match address {
        IpAddr::V4(_) => IpNet::from(address),
        IpAddr::V6(_) => IpNet::new(address, IPV6_PREFIX).map_or(IpNet::from(address), |net| net.trunc()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_counts_by_its_64() {
        let network = |text: &str| network_of(text.parse().expect("an address")).to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9/32");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9/32");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("::203.0.113.9"), "::/64", "not an IPv4 address");
    }
}
