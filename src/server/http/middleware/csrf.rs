//! Cross-site request forgery: a request that changes something must come from a page of this site (OWASP
//! CSRF Prevention Cheat Sheet, Fetch Metadata).

use tower_http::csrf::CsrfLayer;

use crate::server::config::Config;

/// Checks `Sec-Fetch-Site`, then `Origin`, which must be the public URL or the `Host` of the request.
pub fn layer(config: &Config) -> CsrfLayer {
    let origin = config.public_url.origin();
    CsrfLayer::new().add_trusted_origin(&origin).unwrap_or_else(|error| {
        // Requests are still compared with the Host that they were sent to.
        tracing::warn!(%origin, %error, "the public URL cannot be used as a trusted origin");
        CsrfLayer::new()
    })
}
