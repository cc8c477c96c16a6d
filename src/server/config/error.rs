use config::ConfigError as LoadError;

/// Why the configuration cannot be used; the sentence names the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration cannot be read: {0}")]
    Unreadable(String),
    #[error("{key}: {problem}")]
    Invalid { key: &'static str, problem: String },
}

impl From<LoadError> for ConfigError {
    fn from(error: LoadError) -> Self {
        Self::Unreadable(describe(&error))
    }
}

/// What is wrong and where, without the value: it may be a password or a key, and what a program prints when it
/// does not start is copied to others who can help.
fn describe(error: &LoadError) -> String {
    let place = |key: &Option<String>, origin: &Option<String>| {
        let key = key.as_ref().map(|key| format!(" for key `{key}`")).unwrap_or_default();
        let origin = origin.as_ref().map(|origin| format!(" in {origin}")).unwrap_or_default();
        key + &origin
    };
    match error {
        // The lines between the first and the last quote the file.
        LoadError::FileParse { uri, cause } => {
            let text = cause.to_string();
            let mut lines = text.lines();
            let (first, last) = (lines.next().unwrap_or_default(), lines.next_back().unwrap_or_default());
            format!("{first}: {last}{}", place(&None, uri))
        }
        LoadError::Type { origin, expected, key, .. } => {
            format!("invalid type, expected {expected}{}", place(key, origin))
        }
        LoadError::At { error, origin, key } => format!("{}{}", describe(error), place(key, origin)),
        other => without_value(&other.to_string()),
    }
}

/// A value is quoted where an error repeats it.
fn without_value(text: &str) -> String {
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => format!("{}…{}", &text[..=first], &text[last..]),
        _ => text.to_owned(),
    }
}
