use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use url::Url;

/// A URL that may contain a password, which is shown nowhere.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    pub fn new(url: String) -> Self {
        Self(url)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL without its password.
    fn shown(&self) -> String {
        match Url::parse(self.expose()) {
            Ok(mut url) if url.password().is_some() => {
                let hidden = url.set_password(Some("hidden"));
                hidden.map_or_else(|()| "hidden".to_owned(), |()| url.to_string())
            }
            Ok(_) => self.expose().to_owned(),
            Err(_) if self.0.is_empty() => String::new(),
            Err(_) => "hidden".to_owned(),
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown())
    }
}

impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        for url in ["postgres://me:hunter2@db.example/app", "postgres://me:hunter2@a.example,b.example:1/app"]
        {
            assert!(!format!("{:?}", SecretUrl::new(url.to_owned())).contains("hunter2"), "{url}");
        }
        let plain = "sqlite://vestibule.db";
        assert_eq!(format!("{:?}", SecretUrl::new(plain.to_owned())), plain);
    }
}
