use proptest::{prelude::ProptestConfig, proptest};

use super::*;
use crate::server::domain::error_chain;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Config::load(None, variables.collect())
}

fn refusal(variables: &[(&str, &str)]) -> String {
    error_chain(&load(variables).expect_err("should be refused"))
}

#[test]
fn nothing_needs_configuring() {
    let config = load(&[]).expect("the reference is valid");
    assert_eq!(config.public_url.origin(), "http://localhost:3000");
    assert_eq!(config.data_dir, Path::new("data"));
}

#[test]
fn the_environment_wins() {
    let config = load(&[
        ("VESTIBULE_PUBLIC_URL", "https://app.example"),
        ("VESTIBULE_HTTP__LISTEN", "[::1]:8080"),
        ("VESTIBULE_HTTP__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8 , ::ffff:192.0.2.1,"),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:3000"),
    ])
    .expect("valid");
    assert!(config.public_url.is_https());
    assert_eq!(config.http.listen.to_string(), "[::1]:8080");
    let proxies: Vec<_> = config.http.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["127.0.0.1/32", "10.0.0.0/8", "192.0.2.1/32"]);
}

#[test]
fn cargo_leptos_names_the_address() {
    let config = load(&[("LEPTOS_SITE_ADDR", "127.0.0.1:4000")]).expect("valid");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:4000");
}

#[test]
fn mistakes_are_named() {
    assert!(refusal(&[("VESTIBULE_PUBLIC_URL", "http://app.example")]).contains("allow_insecure_origin"));
    assert!(refusal(&[("VESTIBULE_PUBLIC_URL", "https://app.example/path")]).contains("public_url"));
    assert!(refusal(&[("VESTIBULE_HTTP__TRUSTED_PROXIES", "10.0.0.0/33")]).contains("10.0.0.0/33"));
    assert!(refusal(&[("VESTIBULE_HTTP__IDLE_TIMEOUT", "0s")]).contains("http.idle_timeout"));
    assert!(refusal(&[("VESTIBULE_DATABASE__URL", "mysql://x")]).contains("database.url"));
    assert!(refusal(&[("VESTIBULE_SESSIONS__IDLE_TIMEOUT", "48h")]).contains("sessions.idle_timeout"));
    assert!(refusal(&[("VESTIBULE_SESSIONS__IDLE_TIMEOUT", "2m")]).contains("sessions.idle_timeout"));
    assert!(refusal(&[("VESTIBULE_AUDIT__RETENTION", "6d")]).contains("audit.retention"));
    assert!(refusal(&[("VESTIBULE_PASSWORDS__PASSES", "1")]).contains("passwords.memory"));
    assert!(refusal(&[("VESTIBULE_SESSIONS__KEYS", "c2hvcnQ")]).contains("sessions.keys"));
    for (key, text) in [
        ("sign_in_interval", "0s"),
        ("requests_interval", "0s"),
        ("account_delay", "0s"),
        ("account_delay", "16m"),
        ("account_decay", "14m"),
    ] {
        let variable = format!("VESTIBULE_LIMITS__{}", key.to_uppercase());
        let refused = refusal(&[(&variable, text)]);
        assert!(refused.contains(&format!("limits.{key}")), "{refused}");
    }
}

fn file(text: &str) -> Result<Config, ConfigError> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("written");
    Config::load(Some(file.path()), HashMap::new())
}

fn refused_file(text: &str) -> String {
    error_chain(&file(text).expect_err("should be refused"))
}

#[test]
fn unknown_settings_are_named_with_the_nearest_all_at_once() {
    assert_eq!(
        refusal(&[("VESTIBULE_HTTP__LISTEM", "[::1]:8080"), ("VESTIBULE_PUBLICURL", "https://a.example")]),
        "unknown setting http.listem (VESTIBULE_HTTP__LISTEM); did you mean http.listen (VESTIBULE_HTTP__LISTEN)?\n\
         unknown setting publicurl (VESTIBULE_PUBLICURL); did you mean public_url (VESTIBULE_PUBLIC_URL)?"
    );
    for (variable, nearest) in [
        ("VESTIBULE_HTTP_LISTEN", "did you mean http.listen ("),
        ("VESTIBULE_LISTEN", "did you mean http.listen ("),
        ("VESTIBULE_DATABASE_URL", "did you mean database.url ("),
        ("VESTIBULE_SESSION__IDLE_TIMEOUT", "did you mean sessions.idle_timeout ("),
        ("VESTIBULE_QQQQQQQQQQ", "`vestibule config` prints all"),
    ] {
        assert!(refusal(&[(variable, "x")]).contains(nearest), "{}", refusal(&[(variable, "x")]));
    }
    let refused = refused_file("max_connection = 5\n[http]\nlisten = '[::1]:80'\nlistem = 1\n[htp]\nx = 1");
    for part in ["http.listem", "did you mean http.listen (", "htp.x", "max_connection"] {
        assert!(refused.contains(part), "{refused}");
    }
}

#[test]
fn what_an_orchestrator_injects_is_ignored() {
    let injected = [
        ("VESTIBULE_PORT", "tcp://10.0.0.1:3000"),
        ("VESTIBULE_SERVICE_HOST", "10.0.0.1"),
        ("VESTIBULE_SERVICE_PORT", "3000"),
        ("VESTIBULE_SERVICE_PORT_HTTP", "3000"),
        ("VESTIBULE_PORT_3000_TCP", "tcp://10.0.0.1:3000"),
        ("VESTIBULE_PORT_3000_TCP_ADDR", "10.0.0.1"),
        ("VESTIBULE_PORT_3000_TCP_PORT", "3000"),
        ("VESTIBULE_PORT_3000_TCP_PROTO", "tcp"),
    ];
    assert_eq!(load(&injected).expect("started"), load(&[]).expect("started"));
}

#[test]
fn values_that_make_no_sense_are_shown_with_their_key_and_secrets_are_not() {
    for (variable, value, parts) in [
        ("VESTIBULE_HTTP__MAX_CONNECTIONS", "many", ["http.max_connections", "a whole number", "many"]),
        ("VESTIBULE_HTTP__MAX_CONNECTIONS", "-1", ["http.max_connections", "-1", ""]),
        (
            "VESTIBULE_HTTP__ALLOW_INSECURE_ORIGIN",
            "yes",
            ["http.allow_insecure_origin", "true or false", "yes"],
        ),
        (
            "VESTIBULE_HTTP__LISTEN",
            "localhost:3399",
            ["http.listen", "\"localhost:3399\"", "an address and a port, such as 127.0.0.1:3000"],
        ),
        ("VESTIBULE_HTTP__REQUEST_TIMEOUT", "75", ["http.request_timeout", "\"75\"", "a unit, such as 75s"]),
        (
            "VESTIBULE_HTTP__TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            ["http.trusted_proxies: \"10.0.0.0/8, proxy\" is not valid", "\"proxy\" is neither", ""],
        ),
        ("VESTIBULE_LOG_FORMAT", "xml", ["log_format", "xml", "json"]),
        ("VESTIBULE_PUBLIC_URL", "app.example", ["public_url", "app.example", ""]),
        ("VESTIBULE_PUBLIC_URL", "ftp://app.example", ["public_url", "https", ""]),
        ("VESTIBULE_SESSIONS__COOKIE_NAME", "my cookie", ["sessions.cookie_name", "my cookie", "letters"]),
        ("VESTIBULE_SESSIONS__COOKIE_NAME", "__Host-x", ["sessions.cookie_name", "__Host-x", ""]),
        ("VESTIBULE_DATA_DIR", "\u{fffd}", ["data_dir", "UTF-8", ""]),
    ] {
        let refused = refusal(&[(variable, value)]);
        assert!(parts.iter().all(|part| refused.contains(part)), "{variable}={value}: {refused}");
    }
    let secret = "hunter2hunter2";
    for text in [
        format!("[sessions]\nkeys = \"{secret}\""),
        format!("[database]\nurl = [\"{secret}\"]"),
        format!("[database]\nurl = \"postgres://me:{secret}@x"),
        format!("[database]\nurl = \"mysql://me:{secret}@x\""),
    ] {
        let refused = refused_file(&text);
        assert!(!refused.contains(secret), "{refused}");
        assert!(
            ["database.url", "sessions.keys", "line 2"].iter().any(|part| refused.contains(part)),
            "{refused}"
        );
    }
}

#[test]
fn text_is_not_taken_for_a_number() {
    let config =
        load(&[("VESTIBULE_SESSIONS__KEY_PREFIX", "007"), ("VESTIBULE_DATA_DIR", "1e3")]).expect("valid");
    assert_eq!((config.sessions.key_prefix.as_str(), config.data_dir.as_path()), ("007", Path::new("1e3")));
}

#[test]
fn a_file_that_is_missing_is_named() {
    let error = Config::load(Some(Path::new("nowhere.toml")), HashMap::new()).expect_err("refused");
    assert!(error_chain(&error).contains("nowhere.toml cannot be read: No such file"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn nothing_in_a_file_or_the_environment_is_a_panic(
        text in ".{0,80}",
        name in "[A-Z_]{0,20}",
        key in "(http\\.|sessions\\.|database\\.|)[a-z_.\\[\\]\"]{0,12}",
        listen in ".{0,20}",
    ) {
        let environment = |name: &str| HashMap::from([
            (format!("VESTIBULE_{name}"), text.clone()),
            ("LEPTOS_SITE_ADDR".to_owned(), listen.clone()),
        ]);
        let _ = Config::load(None, environment(&name));
        for path in ["PUBLIC_URL", "HTTP__LISTEN", "HTTP__TRUSTED_PROXIES", "SESSIONS__URL", "DATABASE__URL"] {
            let _ = Config::load(None, environment(path));
        }
        let _ = file(&text);
        let _ = file(&format!("{key} = {text}"));
    }
}

#[test]
fn keys_are_read_and_never_shown() {
    let key = "BA".repeat(21) + "A";
    let config = load(&[("VESTIBULE_SESSIONS__KEYS", &format!("{key},{key}="))]).expect("valid");
    assert_eq!(config.sessions.keys.parse().expect("keys").len(), 2);
    assert!(!format!("{config:?}").contains(&key));
    assert!(!toml::to_string(&config).expect("TOML").contains(&key));
}
