//! Notices proxies that hide the addresses of visitors: all who come through one share the limits of one address.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::extract::Request;
use http::Method;

use super::{Peer, client_address::X_FORWARDED_FOR};
use crate::server::{
    domain::WarningThrottle,
    http::{responses::accepts_html, state::HttpState},
};

/// How often the log has each of the warnings.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// What a request shows of the proxy that it came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is not named in the settings.
    NotTrusted,
    /// It does not say who its client is.
    Silent,
}

/// Warns of such proxies.
pub fn observer(state: HttpState) -> impl Fn(Request) -> Request + Clone {
    let warnings = Arc::new([WarningThrottle::new(INTERVAL), WarningThrottle::new(INTERVAL)]);
    move |request: Request| {
        let Some(Peer(peer)) = request.extensions().get().copied() else { return request };
        let fault = find(peer, &request, state.app.config.http.trusts(peer.ip()));
        let is_due = |fault| warnings[fault as usize].is_due(state.app.clock.now());
        if let Some(fault) = fault.filter(|fault| is_due(*fault)) {
            warn(fault, peer.ip().to_canonical());
        }
        request
    }
}

fn find(peer: SocketAddr, request: &Request, is_trusted: bool) -> Option<Fault> {
    let is_forwarded = request.headers().contains_key(X_FORWARDED_FOR);
    // Probes of a proxy have no client.
    let is_page = || request.method() == Method::GET && accepts_html(request.headers());
    match (is_trusted, is_forwarded) {
        // Anyone on the internet can send the header.
        (false, true) if is_near(peer.ip().to_canonical()) => Some(Fault::NotTrusted),
        (true, false) if is_page() => Some(Fault::Silent),
        _ => None,
    }
}

/// On this machine or in a private network, as proxies are.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

fn warn(fault: Fault, proxy: IpAddr) {
    match fault {
        Fault::NotTrusted => tracing::warn!(
            "X-Forwarded-For comes from {proxy}, which is not in http.trusted_proxies, so all visitors behind it count \
             as one address: name it there"
        ),
        Fault::Silent => tracing::warn!(
            "the proxy at {proxy}, which is in http.trusted_proxies, sends no X-Forwarded-For, so all visitors behind it \
             count as one address: let it add the header"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(peer: &str, forwarded: bool, accept: &str, is_trusted: bool) -> Option<Fault> {
        let mut request = http::Request::builder().header("accept", accept);
        if forwarded {
            request = request.header(X_FORWARDED_FOR, "203.0.113.9");
        }
        let request = request.body(axum::body::Body::empty()).expect("a request");
        find(SocketAddr::new(peer.parse().expect("an address"), 1), &request, is_trusted)
    }

    #[test]
    fn a_proxy_nearby_that_is_not_trusted_is_noticed_and_a_stranger_is_not() {
        for near in
            ["127.0.0.1", "10.0.0.1", "::ffff:192.168.0.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
        {
            assert_eq!(fault(near, true, "*/*", false), Some(Fault::NotTrusted), "{near}");
            assert_eq!(fault(near, false, "text/html", false), None, "{near}: nothing was forwarded");
        }
        for stranger in ["203.0.113.7", "2001:db8::7", "::ffff:203.0.113.7"] {
            assert_eq!(fault(stranger, true, "text/html", false), None, "{stranger}");
        }
    }

    #[test]
    fn a_trusted_proxy_that_forwards_no_address_of_a_page_is_noticed() {
        assert_eq!(fault("203.0.113.7", false, "text/html", true), Some(Fault::Silent));
        assert_eq!(fault("203.0.113.7", false, "*/*", true), None, "a probe");
        assert_eq!(fault("203.0.113.7", true, "text/html", true), None);
    }
}
