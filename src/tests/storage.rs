//! The data folder: who can read it, and what a crash leaves in it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

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

#[test]
fn a_data_folder_that_would_be_served_to_everyone_is_refused() {
    let installation = Installation::on_empty(Dialect::Sqlite);
    let (data, site) = (&installation.config.data_dir, &installation.config.http.site_root);
    for (data_dir, url) in [
        (site.join("data"), "sqlite://vestibule.db".to_owned()),
        (site.join("pkg/../data"), "sqlite://vestibule.db".to_owned()),
        (data.clone(), format!("sqlite://{}", site.join("vestibule.db").display())),
        (data.clone(), "sqlite://../site/vestibule.db".to_owned()),
    ] {
        let mut migrate = command(&installation.config, &["migrate"]);
        migrate.env("VESTIBULE_DATA_DIR", &data_dir).env("VESTIBULE_DATABASE__URL", url);
        let output = migrate.output().expect("it runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(error.contains("is served to everyone"), "{}: {error}", data_dir.display());
        assert!(!output.status.success() && !site.join("vestibule.db").exists());
    }
}
