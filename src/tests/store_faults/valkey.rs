//! Valkey, beside a database that works.

use std::time::Duration;

use vestibule::server::config::SecretUrl;

use super::{cannot_change_anything, has_lost_nothing, is_unavailable, recovers};
use crate::support::{ALICE, Installation, Stores, TestApp, servers::ValkeyServer};

async fn app_on(url: String) -> TestApp {
    let installation = Installation::on(Stores::chosen());
    TestApp::start_in(installation, |config| config.sessions.url = SecretUrl::new(url)).await
}

fn ask(server: &ValkeyServer, command: &str) {
    let answer = server.ask(command).expect(command);
    assert!(!answer.starts_with('-'), "{command}: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_and_started_again_with_its_data() {
    let server = ValkeyServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    for end in [ValkeyServer::stop, ValkeyServer::kill] {
        end(&server);
        is_unavailable(&alice).await;
        cannot_change_anything(&alice).await;
        server.start_again();
        recovers(&alice).await;
    }
    has_lost_nothing(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restarted_empty_people_sign_in_again_and_nothing_else_is_lost() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    server.restart();
    alice.get("/").await.leads_to("/login?next=%2F");
    alice.sign_in(ALICE).await;
    recovers(&alice).await;
    has_lost_nothing(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restarted_with_an_older_copy_it_revives_no_session() {
    let server = ValkeyServer::start_with(&["--save", "3600 1"]);
    let app = app_on(server.url()).await;
    let (signed_out, ended, replaced) = (app.alice().await, app.anon(), app.anon());
    ended.sign_in(ALICE).await;
    replaced.sign_in(ALICE).await;
    let (replacement, before_replacement) = (replaced.copy(), replaced.copy());
    ask(&server, "SAVE");
    signed_out.sign_out().await;
    replacement.post("/api/confirm", &[("password", ALICE.password)]).await;
    replacement.post("/api/end_other_sessions", &[]).await;
    server.kill();
    server.start_again();
    assert!(server.ask("DBSIZE").expect("a size").starts_with(":"), "it has data");
    for actor in [signed_out, ended, before_replacement] {
        actor.is_signed_out().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    server.pause();
    is_unavailable(&alice).await;
    cannot_change_anything(&alice).await;
    server.resume();
    recovers(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_and_full() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    for (fault, remedy) in
        [("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"), ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0")]
    {
        ask(&server, fault);
        app.clock.advance(Duration::from_mins(2));
        alice.is_signed_in().await; // though its idle clock cannot be moved
        alice.post("/api/sign_in", &[("email", ALICE.email), ("password", ALICE.password)]).await;
        alice.is_signed_in().await;
        ask(&server, remedy);
        recovers(&alice).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_scripts_are_sent_again_when_it_has_forgotten_them() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    ask(&server, "SCRIPT FLUSH");
    recovers(&alice).await;
    alice.sign_out().await;
    alice.is_signed_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_and_tls() {
    let server = ValkeyServer::start_with(&["--requirepass", "hunter2"]);
    let app = app_on(server.url().replace("redis://", "redis://:hunter2@")).await;
    app.alice().await.is_signed_in().await;

    let mut installation = Installation::on(Stores::chosen());
    installation.config.sessions.url = SecretUrl::new(server.url().replace("redis://", "redis://:wrong@"));
    let refused = installation.run(&["serve"]);
    assert!(refused.contains("there is no connection to Valkey") && !refused.contains("wrong@"), "{refused}");

    let server = ValkeyServer::start_with_tls();
    let url = format!("{}?sslrootcert={}", server.url(), server.ca_file().display());
    app_on(url).await.alice().await.is_signed_in().await;
    installation.config.sessions.url = SecretUrl::new(server.url());
    let refused = installation.run(&["serve"]);
    assert!(refused.contains("there is no connection to Valkey"), "{refused}");
}
