//! The address a request came from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::Request;
use http::HeaderMap;
use ipnet::IpNet;

use crate::server::http::state::HttpState;

/// The other end of the connection; set by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client; set by [`finder`].
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl Default for ClientAddress {
    fn default() -> Self {
        Self(Ipv4Addr::UNSPECIFIED.into())
    }
}

/// Finds the client's address and puts it into the request's extensions.
pub fn finder(state: HttpState) -> impl Fn(Request) -> Request + Clone {
    move |mut request: Request| {
        if let Some(Peer(peer)) = request.extensions().get().copied() {
            let address = client(peer.ip(), request.headers(), &state.app.config.http.trusted_proxies);
            request.extensions_mut().insert(ClientAddress(address));
        }
        request
    }
}

/// Reads `X-Forwarded-For` from its end: each proxy appends the address that it was asked from, so the
/// first one that is not a trusted proxy is the client. A client can write anything before that.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted =
        |address: IpAddr| trusted.iter().any(|network| network.contains(&address.to_canonical()));
    // A client can also send bytes that are no text, in the very line that the proxy appends to.
    let mut claimed: Vec<&[u8]> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .collect();
    let mut address = peer.to_canonical();
    while is_trusted(address) {
        match claimed.pop().and_then(parse) {
            Some(next) => address = next.to_canonical(),
            None => break,
        }
    }
    address
}

fn parse(claim: &[u8]) -> Option<IpAddr> {
    str::from_utf8(claim).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header"));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        client(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(find("203.0.113.9", &["198.51.100.1"], &proxies), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &["rubbish"], &proxies), "10.0.0.1");
        assert_eq!(find("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(find("::ffff:10.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(find("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
    }
}
