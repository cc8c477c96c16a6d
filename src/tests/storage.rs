//! The data folder: who can read it, and what a crash leaves in it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use vestibule::server::db::Dialect;

use crate::support::{Installation, ServerProcess, TestApp, command};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

#[tokio::test]
async fn files_are_for_their_owner_alone_whatever_the_folder() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let data_dir = &installation.config.data_dir;
    fs::create_dir(data_dir).expect("a folder");
    fs::set_permissions(data_dir, fs::Permissions::from_mode(0o755)).expect("changed");
    // As an older version may have left it.
    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
        fs::write(data_dir.join(name), "").expect("written");
        fs::set_permissions(data_dir.join(name), fs::Permissions::from_mode(0o644)).expect("changed");
    }
    let app = TestApp::start_in(installation, |_| {}).await;
    app.alice().await;
    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm", "secret.key"] {
        assert_eq!(mode(&app.data_dir().join(name)), 0o600, "{name}");
    }
}

/// Everything that a server leaves in its data folder, and the folder itself.
#[test]
fn files_are_for_their_owner_alone_whatever_the_umask() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let server = ServerProcess::start_after(&installation.config, "umask 000");
    let data_dir = &installation.config.data_dir;
    assert_eq!(mode(data_dir), 0o700);
    let files: Vec<_> =
        fs::read_dir(data_dir).expect("a folder").map(|file| file.expect("a file").path()).collect();
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm", "secret.key"] {
        assert!(names.contains(&name), "{names:?}");
    }
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    drop(server);
}

/// Asserts that neither a server nor a check begins with these variables, because of a setting.
#[track_caller]
fn assert_served(installation: &Installation, variables: &[(&str, &str)], setting: &str) {
    for arguments in [["check"], ["migrate"], ["serve"]] {
        let mut command = command(&installation.config, &arguments);
        let output = command.envs(variables.iter().copied()).output().expect("it runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        let sentence = format!("served to everyone: move it out of there, and set {setting}");
        assert!(
            !output.status.success() && error.contains(&sentence),
            "{variables:?} {arguments:?}: {error}"
        );
    }
    assert!(!installation.config.http.site_root.join("v.db").exists(), "{variables:?}");
}

#[test]
fn settings_that_lead_into_the_served_folder_are_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let site = installation.config.http.site_root.display();
    fs::write(installation.config.http.site_root.join("keys"), "A".repeat(43)).expect("written");
    let (data, url, keys) =
        ("VESTIBULE_DATA_DIR", "VESTIBULE_DATABASE__URL", "VESTIBULE_SESSIONS__KEYS_FILE");
    for (variable, value, setting) in [
        (data, format!("{site}/data"), "data_dir"),
        (data, format!("{site}/pkg/../data"), "data_dir"),
        (url, format!("sqlite://{site}/v.db"), "database.url"),
        (url, "sqlite://../site/v.db".to_owned(), "database.url"),
        (url, "sqlite://nothing/../../site/v.db".to_owned(), "database.url"),
        (keys, format!("{site}/keys"), "sessions.keys_file"),
        (keys, "../site/keys".to_owned(), "sessions.keys_file"),
    ] {
        assert_served(&installation, &[(variable, &value)], setting);
    }
}

#[test]
fn links_that_lead_into_the_served_folder_are_refused() {
    for (name, target, setting) in [
        ("vestibule.db", "../site/v.db", "database.url"),
        ("secret.key", "../site/k", "data_dir"),
        ("outbox", "../site/ob", "data_dir"),
        ("outbox", "a", "data_dir"),
    ] {
        let installation = Installation::on_empty(Dialect::Sqlite);
        let (data, site) = (&installation.config.data_dir, &installation.config.http.site_root);
        fs::create_dir(data).expect("a folder");
        symlink(target, data.join(name)).expect("a link");
        // One link after another.
        symlink(site, data.join("a")).expect("a link");
        assert_served(&installation, &[], setting);
    }
}

#[test]
fn a_configuration_in_the_served_folder_is_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let file = installation.config.http.site_root.join("vestibule.toml");
    fs::write(&file, "").expect("written");
    let arguments = ["--config", file.to_str().expect("UTF-8"), "check"];
    let output = command(&installation.config, &arguments).output().expect("it runs");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success() && error.contains("would be served to everyone"), "{error}");
}
