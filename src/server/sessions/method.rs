/// A way of authenticating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Password,
}

impl Method {
    /// As it is stored: named as in RFC 8176 where that has a name.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Password => "pwd",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Method::Password].into_iter().find(|method| method.as_str() == text)
    }
}
