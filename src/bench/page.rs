//! Whole requests, over HTTP: how long they take while a million expired sessions are removed.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;
use vestibule::server::{db::Database, sessions::SessionError, startup::Application};

use crate::{layers, purge, samples::Samples, sign_in, visitor::Visitor};

/// Pages read for each change that is made.
const READS: usize = 10;

pub async fn measure(application: Application, db: &Database) -> Result<(), Box<dyn Error>> {
    let origin = format!("http://{}", application.address()?);
    let state = application.state().clone();
    let sessions = state.app.sessions.clone();
    let stop = CancellationToken::new();
    let running = tokio::spawn(application.run(stop.clone()));
    let visitor = Visitor::register(origin).await?;

    // The mail of the registration is sent in the background.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = db.usage();
    visitor.read().await?;
    let after = db.usage();
    let (reads, writes) = (after.reads - before.reads, after.writes - before.writes);

    layers::measure(&state, &visitor).await?;
    sign_in::measure(&state, &visitor).await?;

    purge::expire_all(db).await?;
    eprintln!("Purging; with a million sessions this takes some minutes.");
    let purging = tokio::spawn(async move {
        let began = Instant::now();
        while sessions.purge_batch().await? {}
        Ok::<_, SessionError>(began.elapsed())
    });
    println!("\nRequests while a million expired sessions are removed\n");
    Samples::header();
    let (mut pages, mut changes) = (Samples::default(), Samples::default());
    let before = db.usage().writes;
    let mut odd = false;
    while !purging.is_finished() {
        odd = !odd;
        for _ in 0..READS {
            pages.time(visitor.read()).await?;
        }
        changes.time(visitor.write(odd)).await?;
    }
    if db.usage().writes == before {
        return Err("nothing was changed".into());
    }
    let took = purging.await??.as_secs_f64();
    pages.print("a page during the purge");
    changes.print("a change during the purge");
    let left = purge::count(db).await?;
    println!("\nPurge: the expired sessions written down and removed in {took:.1} s; {left} rows left.");
    println!("A page, signed in: {reads} statements that read, {writes} that write.\n");
    stop.cancel();
    Ok(running.await?)
}
