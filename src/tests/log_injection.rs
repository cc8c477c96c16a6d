//! An event is one line of the log, whatever strangers have put into it.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use tracing_subscriber::EnvFilter;
use vestibule::server::{config::LogFormat, telemetry};

use crate::support::payloads;

/// Characters that break a line, turn it, or command a terminal.
fn is_dangerous(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written of an event that has this text everywhere.
fn logged(format: LogFormat, text: &str) -> String {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = telemetry::subscriber(format, EnvFilter::new("trace"), move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request", path = text, method = %text);
        span.in_scope(|| tracing::warn!(cause = %text, user_agent = text, header = ?text, "{text}"));
    });
    let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn nobody_forges_a_line_of_text() {
    for payload in payloads() {
        let log = logged(LogFormat::Text, &payload);
        let line = log.strip_suffix('\n').expect("a line");
        assert!(!line.contains(is_dangerous), "{line:?}");
    }
}

#[test]
fn nobody_forges_a_line_of_json() {
    for payload in payloads() {
        let log = logged(LogFormat::Json, &payload);
        let line = log.strip_suffix('\n').expect("a line");
        assert!(!line.contains(is_dangerous), "{line:?}");
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(event["user_agent"], payload.as_str(), "a machine reads what was logged");
        assert_eq!(event["level"], "WARN");
    }
}
