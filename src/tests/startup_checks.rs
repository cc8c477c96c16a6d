//! What keeps a server from starting, and what it warns of: each in a sentence with its remedy.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, thread::sleep, time::Duration};

use vestibule::server::db::Dialect;

use crate::support::{Installation, ServerProcess, Stores, command, for_every_database};

/// Runs a command with these variables as well; returns whether it succeeds, and what it prints.
fn run(installation: &Installation, arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
    let output =
        command(&installation.config, arguments).envs(variables.iter().copied()).output().expect("it runs");
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8"))
}

/// Asserts that neither a server starts nor the check succeeds, for this reason.
#[track_caller]
fn assert_refused(installation: &Installation, variables: &[(&str, &str)], reason: &str) {
    for arguments in [["serve"], ["check"]] {
        let (succeeds, printed) = run(installation, &arguments, variables);
        assert!(!succeeds && printed.contains(reason), "{arguments:?}: {printed}");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    for (variable, value, reason) in [
        (
            "VESTIBULE_HTTP__LISTEM",
            "[::1]:80",
            "unknown setting http.listem (VESTIBULE_HTTP__LISTEM); did you mean http.listen",
        ),
        ("VESTIBULE_PUBLIC_URL", "http://app.example", "use https, or set http.allow_insecure_origin"),
        ("VESTIBULE_LOG", "vestibule=loud", "log: \"vestibule=loud\" is no filter such as \"info\""),
        ("VESTIBULE_HTTP__SITE_ROOT", "/nowhere", "no vestibule.js in /nowhere/pkg: build the site"),
        (
            "VESTIBULE_SESSIONS__KEYS_FILE",
            "/nowhere/keys",
            "sessions.keys_file names /nowhere/keys, and there is no such file",
        ),
    ] {
        assert_refused(&installation, &[(variable, value)], reason);
    }
}

#[test]
fn a_data_folder_that_cannot_be_written_is_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    for folder in ["/proc", "/proc/vestibule"] {
        let (succeeds, printed) = run(&installation, &["serve"], &[("VESTIBULE_DATA_DIR", folder)]);
        let sentence = format!("the data folder {folder} cannot be created or written to: make it writable");
        assert!(!succeeds && printed.contains(&sentence), "{printed}");
    }
}

#[test]
fn a_port_that_is_in_use_is_refused_with_the_remedy() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = other.local_addr().expect("an address").to_string();
    let (succeeds, printed) = run(&installation, &["serve"], &[("VESTIBULE_HTTP__LISTEN", &address)]);
    let sentence = format!(
        "the server cannot listen on {address}, where another program listens: stop it, perhaps a server that still \
         runs, or set http.listen"
    );
    assert!(!succeeds && printed.contains(&sentence), "{printed}");
    let (_, printed) = run(&installation, &["serve"], &[("VESTIBULE_HTTP__LISTEN", "192.0.2.1:3000")]);
    assert!(printed.contains("which is no address of this machine: set http.listen"), "{printed}");
}

#[test]
fn what_an_orchestrator_injects_does_not_matter() {
    let installation = Installation::on(Stores::chosen());
    let injected = [
        ("VESTIBULE_PORT", "tcp://10.0.0.1:3000"),
        ("VESTIBULE_SERVICE_HOST", "10.0.0.1"),
        ("VESTIBULE_SERVICE_PORT", "3000"),
        ("VESTIBULE_PORT_3000_TCP_ADDR", "10.0.0.1"),
    ];
    let server = ServerProcess::start(&installation.config, &injected);
    assert!(server.log().contains("started"));
}

#[test]
fn what_was_probably_not_meant_is_told() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let data_dir = &installation.config.data_dir;
    fs::create_dir(data_dir).expect("a folder");
    fs::set_permissions(data_dir, fs::Permissions::from_mode(0o777)).expect("changed");
    let keys = data_dir.join("keys");
    fs::write(&keys, "BA".repeat(21) + "A").expect("written");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).expect("changed");
    let doubtful = [
        ("VESTIBULE_HTTP__TRUSTED_PROXIES", "10.0.0.0/8,0.0.0.0/0"),
        ("VESTIBULE_SESSIONS__KEYS_FILE", "keys"),
    ];
    let sentences = [
        "http.trusted_proxies has 0.0.0.0/0, so every client can claim any address".to_owned(),
        format!("other users can write to {}", data_dir.display()),
        format!("other users can read {}", keys.display()),
    ];
    let (succeeds, checked) = run(&installation, &["check"], &doubtful);
    assert!(succeeds, "{checked}");
    let logged = ServerProcess::start(&installation.config, &doubtful).log();
    for sentence in &sentences {
        assert!(checked.contains(sentence), "{sentence} is not in {checked}");
        assert!(logged.contains(sentence), "{sentence} is not in {logged}");
    }
    let (_, checked) = run(&installation, &["check"], &[("VESTIBULE_HTTP__LISTEN", "0.0.0.0:3000")]);
    let sentence = "other machines can reach http.listen (0.0.0.0:3000), but public_url (http://localhost:3000) names this one";
    assert!(checked.contains(sentence), "{checked}");

    fs::set_permissions(data_dir, fs::Permissions::from_mode(0o700)).expect("changed");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o400)).expect("changed");
    let (_, checked) = run(&installation, &["check"], &[("VESTIBULE_SESSIONS__KEYS_FILE", "keys")]);
    assert_eq!(checked, "A server can start with these settings.\n");
}

for_every_database!(a_check_changes_nothing_and_tells_what_a_start_would_change);
async fn a_check_changes_nothing_and_tells_what_a_start_would_change(installation: Installation) {
    let (succeeds, printed) = run(&installation, &["check"], &[]);
    assert!(succeeds && printed.ends_with("A server can start with these settings.\n"), "{printed}");
    assert!(printed.contains("will create it") || printed.contains("will migrate it"), "{printed}");
    assert!(!installation.config.data_dir.exists());
    assert!(!run(&installation, &["session", "list", "ada@example.org"], &[]).0, "nothing was migrated");

    installation.open_database().await.close().await;
    assert_eq!(
        run(&installation, &["check"], &[]),
        (true, "A server can start with these settings.\n".to_owned())
    );
    let newer = "INSERT INTO _sqlx_migrations \
        SELECT version + 1, 'newer', installed_on, success, checksum, 0 FROM _sqlx_migrations ORDER BY version DESC LIMIT 1";
    installation.execute_script(newer).await;
    assert_refused(
        &installation,
        &[],
        "newer than this program, so a newer version of the program has migrated it: use that",
    );
}

#[test]
fn a_key_file_that_is_no_key_is_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    fs::create_dir(&installation.config.data_dir).expect("a folder");
    let file = installation.config.data_dir.join("secret.key");
    let half = "A".repeat(20);
    for (text, reason) in
        [("", "secret.key is empty; delete it"), (half.as_str(), "a line that is not a key")]
    {
        fs::write(&file, text).expect("written");
        assert_refused(&installation, &[], reason);
    }
}

#[test]
fn what_is_printed_for_people_is_not_among_lines_for_machines() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    for (format, is_shown) in [("text", true), ("json", false)] {
        let server = ServerProcess::start(&installation.config, &[("VESTIBULE_LOG_FORMAT", format)]);
        // `started` is logged just before.
        if is_shown {
            server.wait_for("is open at http://localhost:3000");
        } else {
            sleep(Duration::from_millis(300));
            let log = server.log();
            assert!(log.lines().all(|line| line.starts_with('{')), "{log}");
        }
    }
}
