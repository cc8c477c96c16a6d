//! The address a request came from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::Request;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use crate::server::http::state::HttpState;

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection; set by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client; set by [`finder`].
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address of the client of a request; `0.0.0.0` if its connection has none.
    pub fn of(extensions: &Extensions) -> IpAddr {
        extensions.get().map_or(Ipv4Addr::UNSPECIFIED.into(), |Self(address)| *address)
    }
}

/// Finds the client's address and puts it into the request's extensions.
pub fn finder(state: HttpState) -> impl Fn(Request) -> Request + Clone {
    move |mut request: Request| {
        if let Some(Peer(peer)) = request.extensions().get().copied() {
            let is_trusted = |address| state.app.config.http.trusts(address);
            let address = client(peer.ip(), request.headers(), is_trusted);
            request.extensions_mut().insert(ClientAddress(address));
        }
        request
    }
}

/// Reads `X-Forwarded-For` from its end: each proxy appends the address that it was asked from, so the
/// first one that is not a trusted proxy is the client. A client can write anything before that, and is not believed.
///
/// What cannot be read ends the search at the proxy that has passed it on: that proxy or a client has written it, so
/// nothing before it can be relied on.
fn client(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    let mut claimed: Vec<&[u8]> = lines.flat_map(|line| line.split(|byte| *byte == b',')).collect();
    claimed.retain(|claim| !claim.trim_ascii().is_empty());
    let mut address = peer.to_canonical();
    while is_trusted(address)
        && let Some(next) = claimed.pop().and_then(parse)
    {
        address = next;
    }
    address
}

/// An address in any of the ways in which proxies write it: alone, in brackets, in quotes, with a port, with a zone.
fn parse(claim: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(claim).ok()?.trim_matches([' ', '\t', '"']);
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then(|| parse_bare(address))?
        }
        None => parse_bare(text).or_else(|| {
            let (address, port) = text.rsplit_once(':')?;
            is_port(port).then(|| parse_bare(address))?
        }),
    };
    address.map(|address| address.to_canonical())
}

fn parse_bare(text: &str) -> Option<IpAddr> {
    let (address, zone) = text.split_once('%').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    (zone.is_empty() || address.is_ipv6()).then_some(address)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select, test_runner::Config};

    use super::*;

    const PROXIES: [&str; 2] = ["10.0.0.0/8", "fd00::/8"];

    fn find_in(peer: &str, forwarded: &[&[u8]], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line).expect("a header"));
        }
        let trusted: Vec<ipnet::IpNet> =
            trusted.iter().map(|text| text.parse().expect("a network")).collect();
        let is_trusted = |address| trusted.iter().any(|network| network.contains(&address));
        client(peer.parse().expect("an address"), &headers, is_trusted).to_string()
    }

    fn find(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let lines: Vec<_> = forwarded.iter().map(|line| line.as_bytes()).collect();
        find_in(peer, &lines, trusted)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(find("203.0.113.9", &["198.51.100.1"], &proxies), "203.0.113.9");
        assert_eq!(find("10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &["6.6.6.6", "198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(find("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(find("::ffff:10.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(find("127.0.0.1", &["198.51.100.1"], &[]), "127.0.0.1");
    }

    #[test]
    fn an_address_may_be_spelled_in_many_ways() {
        let spellings = [
            ("203.0.113.9:51234", "203.0.113.9"),
            ("203.0.113.9:", "203.0.113.9"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("\t203.0.113.9 ", "203.0.113.9"),
            ("[203.0.113.9]:80", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:db8:0:0:0:0:0:1:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("[fe80::1%eth0]:443", "fe80::1"),
            ("fe80::1%3", "fe80::1"),
        ];
        for (spelling, address) in spellings {
            assert_eq!(find("10.0.0.1", &[spelling], &PROXIES), address, "{spelling}");
            let behind_two = format!("6.6.6.6, {spelling},10.1.1.1:80, ,");
            assert_eq!(find("10.0.0.1", &[&behind_two], &PROXIES), address, "{behind_two}");
        }
    }

    #[test]
    fn what_cannot_be_read_ends_at_the_proxy_that_passed_it_on() {
        let rubbish = [
            "rubbish",
            "unknown",
            "_hidden",
            "for=203.0.113.9",
            "203.0.113.9:port",
            "203.0.113.9%eth0",
            "203.0.113.256",
            "010.0.0.2",
            "[2001:db8::1",
            "[2001:db8::1]443",
            "203.0.113.9 198.51.100.1",
        ];
        for rubbish in rubbish {
            assert_eq!(
                find("10.0.0.1", &[&format!("6.6.6.6, {rubbish}")], &PROXIES),
                "10.0.0.1",
                "{rubbish}"
            );
            let behind_two = format!("6.6.6.6, {rubbish}, 10.9.9.9");
            assert_eq!(find("10.0.0.1", &[&behind_two], &PROXIES), "10.9.9.9", "{rubbish}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_hide_nothing() {
        let lines: [&[u8]; 2] = [b"6.6.6.6, \xff\xfe", b"203.0.113.9"];
        assert_eq!(find_in("10.0.0.1", &lines, &PROXIES), "203.0.113.9");
        assert_eq!(find_in("10.0.0.1", &[b"6.6.6.6, \xff\xfe, 203.0.113.9"], &PROXIES), "203.0.113.9");
        assert_eq!(find_in("10.0.0.1", &[b"6.6.6.6, \xff"], &PROXIES), "10.0.0.1");
    }

    fn spelled(address: IpAddr) -> impl Strategy<Value = String> {
        let port = match address {
            IpAddr::V4(address) => format!("{address}:443"),
            IpAddr::V6(address) => format!("[{address}]:443"),
        };
        select(vec![address.to_string(), port.clone(), format!("[{address}]"), format!(" \"{port}\"\t")])
    }

    fn anyone() -> impl Strategy<Value = IpAddr> {
        let any =
            prop_oneof![any::<[u8; 4]>().prop_map(IpAddr::from), any::<[u8; 16]>().prop_map(IpAddr::from)];
        let is_stranger = |address: &IpAddr| {
            let proxies = PROXIES.map(|text| text.parse::<ipnet::IpNet>().expect("a network"));
            !proxies.iter().any(|network| network.contains(&address.to_canonical()))
        };
        any.prop_filter("a stranger", move |address| is_stranger(address))
    }

    proptest! {
        #![proptest_config(Config::with_cases(512))]

        /// The proxies write who has asked them. Whatever the client writes before that, in as many lines as it
        /// likes, and however they spell it, the client is who has asked the first of them.
        #[test]
        fn no_client_hides_or_chooses_its_address(
            lies in vec(vec(prop_oneof![Just(b'\t'), 0x20_u8..0x7f, 0x80_u8..=0xff], 0..40), 0..4),
            (client, spelled_client) in anyone().prop_flat_map(|client| (Just(client), spelled(client))),
            hops in vec([any::<u8>(), any::<u8>(), any::<u8>()].prop_map(|[b, c, d]| IpAddr::from([10, b, c, d]))
                .prop_flat_map(spelled), 0..3),
            one_line in any::<bool>(),
        ) {
            let truth = std::iter::once(spelled_client).chain(hops).collect::<Vec<_>>().join(",");
            let mut lines = lies;
            match lines.last_mut() {
                Some(last) if one_line => last.extend_from_slice(format!(", {truth}").as_bytes()),
                _ => lines.push(truth.into_bytes()),
            }
            let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(find_in("10.0.0.1", &lines, &PROXIES), client.to_canonical().to_string());
        }
    }
}
