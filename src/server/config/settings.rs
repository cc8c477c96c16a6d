//! The settings that there are, and those that are set: a mistyped one is an error, and not ignored.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::error::{ConfigError, PREFIX, UnknownSetting};

/// What a message says in place of a secret.
pub const NOT_SHOWN: &str = "the value (not shown)";
/// Settings whose values are never repeated in a message.
const SECRET: [&str; 4] = ["database.url", "sessions.url", "sessions.keys", "mail.url"];
/// How alike two names are, between 0 and 1, that may have been mistaken for each other.
const MIN_SIMILARITY: f64 = 0.6;

/// The value of every setting by its path, such as `http.listen`.
#[derive(Debug)]
pub struct Settings(BTreeMap<String, Value>);

impl Settings {
    /// # Errors
    /// If it is not TOML; the message has the place, and not the text, which may be a password.
    pub fn parse(toml: &str, source: &str) -> Result<Self, ConfigError> {
        let table = toml.parse::<Table>().map_err(|error| {
            let before = error.span().and_then(|span| toml.get(..span.start)).unwrap_or_default();
            let problem = error.message().replace('\n', ", ");
            ConfigError::Syntax {
                place: format!("{source}, line {}", before.matches('\n').count() + 1),
                problem,
            }
        })?;
        let mut settings = BTreeMap::new();
        flatten("", table, &mut settings);
        Ok(Self(settings))
    }

    /// Finds a setting by the name of a variable. `None` if it is none of this program's: it has another prefix,
    /// or an orchestrator has set it.
    pub fn find(&self, variable: &str, text: &str) -> Option<Result<&str, UnknownSetting>> {
        let variable = variable.to_ascii_uppercase();
        let name = variable.strip_prefix(PREFIX)?;
        if is_injected(name, text) {
            return None;
        }
        let path = name.to_ascii_lowercase().replace("__", ".");
        Some(match self.0.get_key_value(&path) {
            Some((path, _)) => Ok(path),
            None => Err(self.unknown(path)),
        })
    }

    /// Those of another file that this one does not have.
    pub fn unknown_of(&self, other: &Settings) -> Vec<UnknownSetting> {
        let unknown = other.0.keys().filter(|path| !self.0.contains_key(*path));
        unknown.map(|path| self.unknown(path.clone())).collect()
    }

    fn unknown(&self, path: String) -> UnknownSetting {
        let rated = self.0.keys().map(|known| (similarity(&path, known), known));
        let nearest = rated.max_by(|(one, _), (other, _)| one.total_cmp(other));
        let nearest = nearest.filter(|(similarity, _)| *similarity >= MIN_SIMILARITY);
        UnknownSetting { nearest: nearest.map(|(_, known)| known.clone()), path }
    }

    /// The text of a variable as the type that the setting has here.
    ///
    /// # Errors
    /// If it is not of that type.
    pub fn typed(&self, path: &str, text: &str) -> Result<config::Value, ConfigError> {
        let expected = |kind: &str| {
            let problem = format!("expected {kind}, not {}", shown(path, text));
            ConfigError::invalid(path, problem)
        };
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(expected("text in UTF-8"));
        }
        Ok(match self.0.get(path) {
            Some(Value::Integer(_)) => {
                text.trim().parse::<i64>().map_err(|_| expected("a whole number"))?.into()
            }
            Some(Value::Boolean(_)) => {
                text.trim().parse::<bool>().map_err(|_| expected("true or false"))?.into()
            }
            Some(Value::Array(_)) => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(str::to_owned).collect::<Vec<_>>().into()
            }
            _ => text.into(),
        })
    }
}

fn flatten(prefix: &str, table: Table, settings: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(table) => flatten(&path, table, settings),
            value => drop(settings.insert(path, value)),
        }
    }
}

/// A value for a message, unless it is a secret.
pub fn shown(path: &str, text: &str) -> String {
    if is_secret(path) { NOT_SHOWN.to_owned() } else { format!("{text:?}") }
}

pub fn is_secret(path: &str) -> bool {
    SECRET.iter().any(|secret| path.starts_with(secret))
}

/// By the whole path, or by its last part: the section may have been forgotten.
fn similarity(path: &str, known: &str) -> f64 {
    let last = known.rsplit('.').next().unwrap_or(known);
    let by_last = strsim::normalized_damerau_levenshtein(path, last) * 0.95;
    strsim::normalized_damerau_levenshtein(path, known).max(by_last)
}

/// True for what Kubernetes (service links) and Docker (links) put into the environment of every container, for
/// a service called `vestibule`, or `vestibule-` and something: `SERVICE_HOST`, `SERVICE_PORT`, `SERVICE_PORT_HTTP`,
/// `PORT`, `PORT_3000_TCP`, `PORT_3000_TCP_ADDR`, `NAME`, `ENV_PATH`.
fn is_injected(name: &str, text: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| text.starts_with(scheme));
    let ends = |end: &str| name == end || name.ends_with(&format!("_{end}"));
    let has = |part: &str| name.starts_with(&part[1..]) || name.contains(part);
    name == "PORT"
        || is_address && ends("PORT")
        || ends("SERVICE_HOST")
        || ends("SERVICE_PORT")
        || has("_SERVICE_PORT_")
        || has_numbered_port(name)
        || text.starts_with('/') && ends("NAME")
        || name.starts_with("ENV_")
}

/// `…PORT_3000_TCP…`
fn has_numbered_port(name: &str) -> bool {
    let starts = name.match_indices("PORT_").map(|(at, part)| (at, &name[at + part.len()..]));
    let mut numbered = starts.filter(|(at, _)| *at == 0 || name[..*at].ends_with('_'));
    numbered.any(|(_, rest)| {
        rest.split_once('_').is_some_and(|(number, protocol)| {
            number.parse::<u16>().is_ok()
                && ["TCP", "UDP", "SCTP"].iter().any(|known| protocol.starts_with(known))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_orchestrator_injects_is_no_setting() {
        for (name, text) in [
            ("PORT", "tcp://10.0.0.1:3000"),
            ("PORT", "3000"),
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_PORT", "3000"),
            ("SERVICE_PORT_HTTP", "3000"),
            ("PORT_3000_TCP", "tcp://10.0.0.1:3000"),
            ("PORT_3000_TCP_ADDR", "10.0.0.1"),
            ("PORT_3000_TCP_PORT", "3000"),
            ("PORT_3000_TCP_PROTO", "tcp"),
            ("PORT_53_UDP_ADDR", "10.0.0.1"),
            ("NAME", "/web/vestibule"),
            ("ENV_PATH", "/bin"),
            ("POSTGRESQL_SERVICE_HOST", "10.0.0.2"),
            ("POSTGRESQL_SERVICE_PORT_TCP_POSTGRESQL", "5432"),
            ("POSTGRESQL_PORT", "tcp://10.0.0.2:5432"),
            ("POSTGRESQL_PORT_5432_TCP_ADDR", "10.0.0.2"),
        ] {
            assert!(is_injected(name, text), "{name}={text}");
        }
        for (name, text) in [
            ("HTTP_PORT", "3000"),
            ("HTTP__PORT", "3000"),
            ("HTTP__LISTEM", "[::1]:80"),
            ("PORTS", "1"),
            ("SERVICE", "x"),
            ("NAME", "x"),
            ("PORT_HTTP_TCP", "x"),
            ("IMPORT_1_TCP", "x"),
        ] {
            assert!(!is_injected(name, text), "{name}={text}");
        }
    }
}
