//! Refuses requests that do not say in one way which host they are for (RFC 9112, section 3.2): a proxy and this server
//! could take them for different ones.

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Version, header, uri::Authority};

/// Answers them with 400.
pub async fn refuse_unclear(request: Request, next: Next) -> Response {
    if is_clear(request.headers(), request.version()) {
        next.run(request).await
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

fn is_clear(headers: &HeaderMap, version: Version) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => is_host(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// A host, perhaps with a port. It may be empty, for an address without a host.
fn is_host(text: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(text) else { return text.is_empty() };
    let Some(port) = authority.as_str().strip_prefix(authority.host()) else { return false };
    let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    port.is_empty() || port.strip_prefix(':').is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_perhaps_with_a_port() {
        for host in
            ["", "localhost", "APP.example", "app.example:443", "app.example:", "127.0.0.1:80", "[::1]:80"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in ["a b", "a/b", "a?b", "user@a", "a:b", "a:1:2", "::1", "[::1", "[::1]x", "a\\b", "\u{e9}"]
        {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
        assert!(!is_host(b"a\xff"));
    }
}
