//! Notices that visitors use another address than `public_url`: browsers then keep no cookie, or every form is
//! refused as one of another site.

use std::{sync::Arc, time::Duration};

use axum::extract::Request;
use http::{HeaderMap, Method, header};

use super::Peer;
use crate::server::{
    config::{Config, PublicUrl},
    domain::WarningThrottle,
    http::{responses::accepts_html, state::HttpState},
};

/// Strangers can send any `Host`, so the log has one line about it in this time …
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// … which repeats this many characters.
const MAX_SHOWN: usize = 100;

/// Warns when a page is asked for under another address.
pub fn observer(state: HttpState) -> impl Fn(Request) -> Request + Clone {
    let warnings = Arc::new(WarningThrottle::new(INTERVAL));
    move |request: Request| {
        let is_page = request.method() == Method::GET && accepts_html(request.headers());
        let used = if is_page { used_instead(&request, &state.app.config) } else { None };
        if let Some(used) = used.filter(|_| warnings.is_due(state.app.clock.now())) {
            tracing::warn!(
                %used,
                public_url = state.app.config.public_url.origin(),
                "a page was asked for under another address than public_url: either visitors use that address, where \
                 signing in does not work, so set public_url to the one that they type; or the proxy does not pass on \
                 Host and X-Forwarded-Proto; or a stranger has made up a Host, and there is nothing to do"
            );
        }
        request
    }
}

/// The address that was used, if it is not `public_url`.
fn used_instead(request: &Request, config: &Config) -> Option<String> {
    let is_behind_proxy =
        request.extensions().get::<Peer>().is_some_and(|peer| config.http.trusts(peer.0.ip()));
    mismatch(request.headers(), &config.public_url, is_behind_proxy)
}

fn mismatch(headers: &HeaderMap, public_url: &PublicUrl, is_behind_proxy: bool) -> Option<String> {
    let host = String::from_utf8_lossy(headers.get(header::HOST)?.as_bytes()).to_ascii_lowercase();
    let scheme = headers.get("x-forwarded-proto").filter(|_| is_behind_proxy);
    let scheme = scheme.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let scheme = scheme.as_deref().and_then(|value| value.split(',').next()).map(str::trim);
    let scheme = scheme.unwrap_or(public_url.scheme());
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    if host == public_url.authority() && scheme == public_url.scheme() {
        return None;
    }
    let used: String = format!("{scheme}://{host}").chars().take(MAX_SHOWN).collect();
    Some(used.escape_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(host: &[u8], scheme: Option<&str>, public_url: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, http::HeaderValue::from_bytes(host).expect("a header"));
        headers.extend(scheme.map(|scheme| {
            (http::HeaderName::from_static("x-forwarded-proto"), scheme.parse().expect("a header"))
        }));
        let public_url = PublicUrl::try_from(public_url.to_owned()).expect("a URL");
        mismatch(&headers, &public_url, true)
    }

    #[test]
    fn another_host_or_scheme_is_named() {
        for (host, scheme, public_url) in [
            (&b"localhost:3000"[..], None, "http://localhost:3000"),
            (b"APP.example", Some("https"), "https://app.example"),
            (b"app.example:443", Some("HTTPS, http"), "https://app.example"),
            (b"app.example:8443", Some("https"), "https://app.example:8443"),
            (b"[::1]:3000", None, "http://[::1]:3000"),
        ] {
            assert_eq!(used(host, scheme, public_url), None, "{public_url}");
        }
        let app = "https://app.example";
        assert_eq!(used(b"127.0.0.1:3000", None, app).as_deref(), Some("https://127.0.0.1:3000"));
        assert_eq!(used(b"app.example", Some("http"), app).as_deref(), Some("http://app.example"));
        assert_eq!(used(b"x\xff", None, app).as_deref(), Some("https://x\\u{fffd}"));
        assert_eq!(used(&[b'a'; 5000], None, app).map(|used| used.len()), Some(MAX_SHOWN));
    }
}
