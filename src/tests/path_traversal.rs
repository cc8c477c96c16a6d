//! Only the files of the site folder are served.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::support::{Installation, RawConnection, Stores, TestApp, status};

/// In every file that is not for everyone.
const SECRET: &str = "not for everyone";

/// Files beside the site folder, and files in it that are hidden or lead out of it.
fn hide_files(site: &Path) {
    let beside = site.parent().expect("a folder");
    let write = |file: &Path| {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, SECRET).expect("written");
    };
    write(&beside.join("secret.txt"));
    write(&beside.join("beside/secret.key"));
    for hidden in [".env", ".git/config", ".svn/entries", "pkg/.hidden.js", ".well-known/.env"] {
        write(&site.join(hidden));
    }
    symlink("../secret.txt", site.join("link.txt")).expect("a link");
    symlink("../../secret.txt", site.join("pkg/link.js")).expect("a link");
    symlink("../beside", site.join("link-to-folder")).expect("a link");
}

/// The whole answer to a path that is sent as it is.
async fn ask(app: &TestApp, path: &str) -> String {
    let mut connection: RawConnection = app.connect().await;
    connection
        .send(format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        ))
        .await;
    connection.read_to_end().await
}

#[tokio::test]
async fn no_path_leads_out_of_the_site_folder_or_to_a_hidden_file() {
    let installation = Installation::on(Stores::chosen());
    hide_files(&installation.config.http.site_root);
    let app = TestApp::start_in(installation, |_| {}).await;
    let paths: Vec<&str> = include_str!("corpora/paths.txt").lines().collect();
    assert!(paths.len() >= 30);
    for path in paths {
        let response = ask(&app, path).await;
        let (status, shows_a_file) = (status(&response), response.contains("\r\ncontent-type: text/plain"));
        let redirects = [303, 308].contains(&status) && response.contains("\r\nlocation: /");
        let is_public = status == 200 && path.starts_with("/robots.txt?");
        assert!((400..500).contains(&status) || redirects || is_public, "{path}: {response}");
        assert!(!shows_a_file || is_public, "{path}: {response}");
        for secret in [SECRET, "root:", "SQLite format", "PATH="] {
            assert!(!response.contains(secret), "{path}: {response}");
        }
    }
}

#[tokio::test]
async fn a_link_within_the_site_folder_and_well_known_files_are_served() {
    let installation = Installation::on(Stores::chosen());
    let site = installation.config.http.site_root.clone();
    fs::create_dir(site.join(".well-known")).expect("a folder");
    fs::write(site.join(".well-known/security.txt"), "Contact: security@example.org\n").expect("written");
    symlink("robots.txt", site.join("humans.txt")).expect("a link");
    // A deployment may point to its current release.
    let current = site.with_file_name("current");
    symlink(&site, &current).expect("a link");
    let app = TestApp::start_in(installation, |config| config.http.site_root = current).await;
    for path in ["/.well-known/security.txt", "/humans.txt", "/robots.txt"] {
        assert_eq!(status(&ask(&app, path).await), 200, "{path}");
    }
}
