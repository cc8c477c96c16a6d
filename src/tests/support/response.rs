//! Responses, and assertions about them.

use http::{HeaderMap, HeaderName, StatusCode, header};
use serde::de::DeserializeOwned;

/// Which cookie a `Set-Cookie` line is about: `session`, `form`, `device` or `link`.
pub fn cookie_kind(line: &str) -> &'static str {
    let name = line.split('=').next().unwrap_or(line);
    ["form", "device", "link"].into_iter().find(|kind| name.contains(kind)).unwrap_or("session")
}

/// A response, read to its end.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl TestResponse {
    /// The body as text.
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).expect("JSON of the expected form")
    }

    /// A header that occurs at most once; empty if it is missing.
    pub fn header(&self, name: impl Into<HeaderName>) -> &str {
        let mut values = self.headers.get_all(name.into()).iter();
        let value = values.next().map(|value| value.to_str().expect("ASCII")).unwrap_or_default();
        assert!(values.next().is_none(), "more than once in {:?}", self.headers);
        value
    }

    /// The target of a redirect.
    pub fn location(&self) -> &str {
        self.header(header::LOCATION)
    }

    /// Every `Set-Cookie`, as it was sent.
    pub fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        lines.map(|line| line.to_str().expect("ASCII")).collect()
    }

    /// Every `Set-Cookie` but those of a rejected form and of the device.
    pub fn session_cookies(&self) -> Vec<&str> {
        let is_of_session = |line: &&str| cookie_kind(line) == "session";
        self.set_cookies().into_iter().filter(is_of_session).collect()
    }

    /// The one `Set-Cookie` but that of the device, as it was sent.
    pub fn set_cookie(&self) -> &str {
        let lines: Vec<_> =
            self.set_cookies().into_iter().filter(|line| cookie_kind(line) != "device").collect();
        assert_eq!(lines.len(), 1, "one cookie is set: {lines:?}");
        lines[0]
    }

    /// Asserts a 303 to `location`, without a body.
    #[track_caller]
    pub fn leads_to(&self, location: &str) {
        assert_eq!((self.status, self.location()), (StatusCode::SEE_OTHER, location), "{}", self.text());
        assert_eq!(self.text(), "", "a redirect has no body");
    }

    /// Asserts a page with this text in it.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(self.text().contains(text), "{text:?} is not in {}", self.text());
    }

    /// Asserts a page without this text in it.
    #[track_caller]
    pub fn hides(&self, text: &str) {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert!(!self.text().contains(text), "{text:?} is in {}", self.text());
    }
}
