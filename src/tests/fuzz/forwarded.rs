//! No spelling of a forwarded address hides the client that a trusted proxy names last, and without a trusted proxy
//! none counts.

use std::net::IpAddr;

use axum::{body::Body, extract::Request};
use http::{HeaderName, HeaderValue};
use vestibule::server::http::middleware::{ClientAddress, Peer, client_address_finder};

use super::world::World;

const PROXY: [u8; 4] = [10, 0, 0, 1];
const STRANGER: [u8; 4] = [198, 51, 100, 7];
const CLIENT: [u8; 4] = [203, 0, 113, 9];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

pub fn target() -> impl FnMut(&[u8]) -> String {
    let world = World::start_with(|config| {
        config.http.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    });
    let find = client_address_finder(world.app.state.clone());
    let address = move |peer: [u8; 4], lines: &[HeaderValue]| -> IpAddr {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(Peer((peer, 50_000).into()));
        for line in lines {
            request.headers_mut().append(FORWARDED_FOR, line.clone());
        }
        find(request).extensions().get::<ClientAddress>().expect("an address").0
    };
    move |input| {
        let _world = &world;
        let lines = input.split(|byte| *byte == b'\n');
        let lines: Vec<HeaderValue> = lines.filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
        assert_eq!(address(STRANGER, &lines), IpAddr::from(STRANGER), "a stranger is not believed");
        let own_line = HeaderValue::from_static("203.0.113.9");
        assert_eq!(address(PROXY, &[lines.clone(), vec![own_line]].concat()), IpAddr::from(CLIENT));
        if let Some((last, before)) = lines.split_last() {
            let appended = HeaderValue::from_bytes(&[last.as_bytes(), b", 203.0.113.9"].concat());
            let lines = [before, &[appended.expect("a header")]].concat();
            assert_eq!(address(PROXY, &lines), IpAddr::from(CLIENT), "the proxy has named the client last");
        }
        format!("{} {}", address(PROXY, &lines), lines.len())
    }
}
