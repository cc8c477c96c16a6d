//! Whatever a setting is: it is refused by its name, or the application works.

use std::{collections::HashMap, fs};

use toml::{Table, Value};
use vestibule::server::{
    config::{Config, ConfigError, REFERENCE},
    db::Dialect,
    domain::error_chain,
};

use crate::support::{Installation, TestApp};

const DURATIONS: [&str; 12] = [
    "0s",
    "1ns",
    "100ms",
    "1s",
    "1h",
    "5h",
    "1d",
    "365d",
    "3650d",
    "100years",
    "18446744073709551615s",
    "584542046090years",
];
const NUMBERS: [i64; 7] = [0, 1, 10, 10_000, 1_000_000, u32::MAX as i64, i64::MAX];

/// A setting, its variable, and values of its type from the least to the largest.
struct Setting {
    path: String,
    variable: String,
    values: Vec<String>,
}

/// All settings that are durations or numbers.
fn settings() -> Vec<Setting> {
    let reference: Table = REFERENCE.parse().expect("TOML");
    let sections = reference.into_iter().filter_map(|(section, value)| match value {
        Value::Table(table) => Some((section, table)),
        _ => None,
    });
    let keys = sections.flat_map(|(section, table)| {
        table.into_iter().map(move |(key, value)| (section.clone(), key, value))
    });
    let settings = keys.filter_map(|(section, key, value)| {
        let values = match value {
            Value::Integer(_) => NUMBERS.map(|number| number.to_string()).to_vec(),
            Value::String(text) if humantime::parse_duration(&text).is_ok() => {
                DURATIONS.map(str::to_owned).to_vec()
            }
            _ => return None,
        };
        let variable = format!("VESTIBULE_{section}__{key}").to_uppercase();
        Some(Setting { path: format!("{section}.{key}"), variable, values })
    });
    settings.collect()
}

/// The configuration of an application, with these settings.
fn load(app: &TestApp, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let given = &app.config;
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let variables: HashMap<_, _> =
        variables.chain([("VESTIBULE_PUBLIC_URL".to_owned(), "https://app.example".to_owned())]).collect();
    let mut config = Config::load(None, variables)?;
    config.data_dir.clone_from(&given.data_dir);
    config.http.listen = given.http.listen;
    config.http.site_root.clone_from(&given.http.site_root);
    config.database.url = given.database.url.clone();
    config.sessions.url = given.sessions.url.clone();
    config.sessions.key_prefix.clone_from(&given.sessions.key_prefix);
    Ok(config)
}

/// The values that are accepted, each alone; the others are refused by the name of the setting.
fn accepted(app: &TestApp, setting: &Setting) -> Vec<String> {
    let Setting { path, variable, values } = setting;
    let is_accepted = |value: &&String| match load(app, &[(variable, value)]) {
        Ok(_) => true,
        Err(refused) => {
            let said = error_chain(&refused);
            assert!(said.contains(path) && !said.contains('\n'), "{path} = {value}: {said}");
            false
        }
    };
    values.iter().filter(is_accepted).cloned().collect()
}

#[tokio::test]
async fn every_duration_and_number_is_refused_by_its_name_or_works() {
    let app = TestApp::start().await;
    let settings = settings();
    assert!(settings.len() > 50, "{} were found", settings.len());
    // The least of all durations that are accepted, the largest ones, and the same of all numbers.
    let mut extremes: [Vec<(&str, String)>; 4] = Default::default();
    for setting in &settings {
        let values = accepted(&app, setting);
        let (least, most) = (values.first().expect("some"), values.last().expect("some"));
        let kind = if setting.values.len() == NUMBERS.len() { 2 } else { 0 };
        extremes[kind].push((&setting.variable, least.clone()));
        extremes[kind + 1].push((&setting.variable, most.clone()));
    }
    for variables in extremes {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let config = load(&app, &variables).expect("together they are valid");
        let extreme = app.another(|other| *other = config).await;
        for page in ["/healthz", "/login"] {
            assert_eq!(extreme.anon().get(page).await.status, 200, "{page} with {variables:?}");
        }
    }
}

#[test]
fn nothing_is_unusable_because_a_time_is_zero() {
    let load = |variable: &str, value: &str| {
        Config::load(None, HashMap::from([(variable.to_owned(), value.to_owned())]))
    };
    for (variable, value, problem) in [
        ("VESTIBULE_HTTP__REQUEST_TIMEOUT", "0s", "http.request_timeout: at least 1s and at most 1d, not 0s"),
        ("VESTIBULE_SESSIONS__ABSOLUTE_TIMEOUT", "0s", "sessions.absolute_timeout: at least 1s and"),
        ("VESTIBULE_SESSIONS__STEP_UP_AFTER", "0s", "sessions.step_up_after: at least 1s and"),
        (
            "VESTIBULE_DATABASE__STATEMENT_TIMEOUT",
            "30d",
            "database.statement_timeout: at least 100ms and at most 1h, not 30d",
        ),
        (
            "VESTIBULE_LIMITS__KNOWN_INTERVAL",
            "600years",
            "limits.known_interval: at least 1ms and at most 365d, not ",
        ),
        (
            "VESTIBULE_LIMITS__REGISTER_BURST",
            "4294967295",
            "limits.register_burst: too many with a limits.register_interval of 3m",
        ),
        (
            "VESTIBULE_DATABASE__MAX_CONNECTIONS",
            "100000",
            "database.max_connections: at least 1 and at most 10000, not 100000",
        ),
    ] {
        let said = error_chain(&load(variable, value).expect_err("refused"));
        assert!(said.contains(problem), "{said}");
    }
}

#[test]
fn settings_in_force_are_printed_as_they_were_written() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let printed = installation.run(&["config", "--effective"]);
    for line in [
        "hsts_max_age = \"365d\"",
        "idle_timeout = \"75s\"",
        "requests_interval = \"20ms\"",
        "account_delay = \"15s\"",
        "absolute_timeout = \"1d\"",
    ] {
        assert!(printed.contains(line), "{line} is not in {printed}");
    }
    let file = installation.config.http.site_root.join("config.toml");
    fs::write(&file, printed.replace("idle_timeout = \"75s\"", "idle_timeout = \"75\"")).expect("written");
    let refused = Config::load(Some(&file), HashMap::new()).expect_err("refused");
    let sentence =
        "http.idle_timeout: \"75\" is not valid: expected a number and a unit, such as 75s, 12h or 30d";
    assert_eq!(error_chain(&refused), sentence);
}
