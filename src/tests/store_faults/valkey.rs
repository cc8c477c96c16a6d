//! Valkey, beside a database that works.

use std::time::Duration;

use vestibule::server::{config::SecretUrl, db::Dialect};

use super::{cannot_change_anything, has_lost_nothing, is_unavailable, recovers};
use crate::support::{ALICE, Installation, ServerProcess, Stores, TestApp, servers::ValkeyServer};

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

/// Commands that the server has carried out so far.
fn commands(server: &ValkeyServer) -> u64 {
    let answer = server.ask("INFO stats").expect("an answer");
    let line = answer.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.expect("a line").trim().parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_costs_one_call() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let alice = app.alice().await;
    let before = commands(&server);
    let asking = commands(&server) - before;
    for path in ["/", "/account", "/account/security"] {
        let before = commands(&server);
        alice.get(path).await;
        assert_eq!(commands(&server) - before, asking + 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_was_lost_is_restored() {
    let server = ValkeyServer::start();
    let app = app_on(server.url()).await;
    let (laptop, phone) = (app.alice().await, app.anon());
    phone.sign_in(ALICE).await;
    let keys = server.ask("KEYS *account*").expect("keys");
    let index = keys.lines().find(|line| line.contains("account")).expect("an index").trim().to_owned();
    ask(&server, &format!("DEL {index}"));
    app.clock.advance(Duration::from_mins(1));
    laptop.get("/").await;
    phone.get("/").await;
    laptop.post("/api/end_other_sessions", &[]).await;
    phone.is_signed_out().await;
    ask(&server, &format!("DEL {index}"));
    let copy = laptop.copy();
    laptop.sign_out().await;
    copy.is_signed_out().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_ends_at_once_need_few_connections() {
    let server = ValkeyServer::start();
    let installation = Installation::on(Stores { database: Dialect::Postgres, sessions_in_valkey: true });
    let app = TestApp::start_in(installation, |config| {
        config.sessions.url = SecretUrl::new(server.url());
        config.database.max_connections = 1;
    })
    .await;
    let alice = app.alice().await;
    let ends = (0..10).map(|_| alice.post("/api/end_other_sessions", &[]));
    for response in futures_util::future::join_all(ends).await {
        response.leads_to("/account/sessions");
    }
}

#[test]
fn a_server_that_may_evict_sessions_is_warned_of() {
    let limit = ["--maxmemory", "100mb", "--maxmemory-policy"];
    for (policy, warned) in [("volatile-lru", true), ("noeviction", false)] {
        let server = ValkeyServer::start_with(&[&limit[..], &[policy]].concat());
        let mut installation = Installation::on(Stores::chosen());
        installation.config.sessions.url = SecretUrl::new(server.url());
        let process = ServerProcess::start(&installation.config, &[]);
        assert_eq!(process.log().contains("set maxmemory-policy to noeviction"), warned, "{policy}");
    }
}
