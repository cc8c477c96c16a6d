//! Headers that restrict what browsers do with a response (OWASP Secure Headers Project).

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use crate::server::{
    config::Config,
    http::{live_reload::LiveReload, responses::PRIVATE, state::HttpState},
};

/// The same on every response.
const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // The path may say more than other sites should know, and `no-referrer` would break forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// The headers, which are the same as long as the server runs.
#[derive(Debug)]
pub struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    pub fn new(state: &HttpState) -> Self {
        let mut headers: Vec<_> =
            FIXED.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        let transport_security = strict_transport_security(&state.app.config);
        headers.extend(transport_security.map(|value| (header::STRICT_TRANSPORT_SECURITY, value)));
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(state.live_reload.as_ref())) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        Self(headers)
    }

    /// As lines of a head, for responses that are made below all layers: they must not be stored.
    pub fn lines(&self) -> Arc<[u8]> {
        let own = [(header::CACHE_CONTROL, PRIVATE)];
        let lines = self
            .0
            .iter()
            .chain(&own)
            .map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        lines.collect::<Vec<_>>().concat().into()
    }

    /// Sets the headers of a response.
    pub fn setter(self) -> impl Fn(Response) -> Response + Clone {
        let headers = Arc::new(self.0);
        move |mut response: Response| {
            for (name, value) in headers.iter() {
                response.headers_mut().insert(name.clone(), value.clone());
            }
            response
        }
    }
}

/// For https on a domain. On https://localhost it would lock every other program on this machine out of http, and
/// addresses cannot have it (RFC 6797, 8.1.1).
fn strict_transport_security(config: &Config) -> Option<HeaderValue> {
    let Config { public_url, http, .. } = config;
    let subdomains = if http.hsts_include_subdomains { "; includeSubDomains" } else { "" };
    let value = format!("max-age={}{subdomains}", http.hsts_max_age.as_secs());
    HeaderValue::from_str(&value).ok().filter(|_| public_url.is_https() && public_url.is_domain())
}

/// Scripts and styles are files of this origin, and nothing is inline, so no nonce is needed; only the
/// script that reloads pages in development is, and it is allowed by its hash.
fn content_security_policy(live_reload: Option<&LiveReload>) -> String {
    let script = live_reload.map(LiveReload::script_source).unwrap_or_default();
    let connect = live_reload.map(LiveReload::connect_sources).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{script}; style-src 'self'; \
         img-src 'self'; connect-src 'self'{connect}; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}
