//! How the cookies are called.

use crate::server::config::Config;

/// The usual name of the cookie that carries the session id. It says nothing about the program behind it (OWASP
/// Session Management Cheat Sheet, "Session ID Name Fingerprinting").
const SESSION: &str = "id";

/// The names of all cookies that this server sets.
///
/// On https they begin with `__Host-`, so that a browser accepts them from this host over TLS and from no other.
/// Cookies are for all ports of a host (RFC 6265, 8.5), so on this machine, where several programs listen at
/// different ports, the names say the port; a name in the configuration tells them apart anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieNames {
    secure: bool,
    configured: Option<String>,
    port: Option<u16>,
}

impl CookieNames {
    pub fn new(config: &Config) -> Self {
        let configured = Some(&config.sessions.cookie_name).filter(|name| !name.is_empty());
        Self {
            secure: config.public_url.is_https(),
            configured: configured.cloned(),
            port: config.public_url.loopback_port(),
        }
    }

    /// Whether cookies have the attribute `Secure`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The cookie that carries the session id: `__Host-id`, `id`, or `id_3000`.
    pub fn session(&self) -> String {
        match &self.configured {
            Some(name) => self.with_prefix(name),
            None => self.name(SESSION),
        }
    }

    /// Another cookie: `__Host-form`, `form`, or `form_3000`; `shop_form` if the session's is called `shop`.
    pub fn name(&self, kind: &str) -> String {
        match (&self.configured, self.port) {
            (Some(name), _) => self.with_prefix(&format!("{name}_{kind}")),
            (None, Some(port)) if !self.secure => format!("{kind}_{port}"),
            (None, _) => self.with_prefix(kind),
        }
    }

    fn with_prefix(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn names(public_url: &str, cookie_name: &str) -> (String, String) {
        let variables = [
            ("VESTIBULE_PUBLIC_URL", public_url),
            ("VESTIBULE_SESSIONS__COOKIE_NAME", cookie_name),
            ("VESTIBULE_HTTP__ALLOW_INSECURE_ORIGIN", "true"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::load(None, HashMap::from(variables)).expect("valid");
        let names = CookieNames::new(&config);
        (names.session(), names.name("form"))
    }

    #[test]
    fn they_say_the_port_on_loopback_and_follow_the_scheme() {
        for (url, session, form) in [
            ("https://app.example", "__Host-id", "__Host-form"),
            ("https://app.example:8443", "__Host-id", "__Host-form"),
            ("https://localhost:8443", "__Host-id", "__Host-form"),
            ("http://localhost", "id", "form"),
            ("http://localhost:3000", "id_3000", "form_3000"),
            ("http://127.0.0.1:3001", "id_3001", "form_3001"),
            ("http://[::1]:3002", "id_3002", "form_3002"),
            ("http://shop.localhost:3000", "id_3000", "form_3000"),
            ("http://box.lan:3000", "id", "form"),
        ] {
            assert_eq!(names(url, ""), (session.to_owned(), form.to_owned()), "{url}");
        }
    }

    #[test]
    fn a_configured_name_is_taken_as_it_is() {
        let expected = |session: &str, form: &str| (session.to_owned(), form.to_owned());
        assert_eq!(names("http://localhost:3000", "shop"), expected("shop", "shop_form"));
        assert_eq!(names("https://app.example", "shop"), expected("__Host-shop", "__Host-shop_form"));
    }
}
