//! Whole requests, over HTTP: what a page costs, and how long requests take while a million expired
//! sessions are removed.

use std::{error::Error, time::Instant};

use http::{StatusCode, header};
use tokio_util::sync::CancellationToken;
use vestibule::server::{db::Database, startup::Application};

use crate::{purge, samples::Samples};

const TRIES: usize = 2_000;
/// Pages read for each change that is made.
const READS: usize = 10;

pub async fn measure(application: Application, db: &Database) -> Result<(), Box<dyn Error>> {
    let origin = format!("http://{}", application.address()?);
    let sessions = application.state().sessions.clone();
    let stop = CancellationToken::new();
    let running = tokio::spawn(application.run(stop.clone()));
    let visitor = Visitor::register(origin).await?;

    let before = db.usage();
    visitor.read().await?;
    let after = db.usage();
    let (reads, writes) = (after.reads - before.reads, after.writes - before.writes);

    let mut pages = Samples::default();
    for _ in 0..TRIES {
        pages.time(visitor.read()).await?;
    }
    pages.print("a page over HTTP, signed in");

    purge::expire_all(db).await?;
    eprintln!("Purging; with a million sessions this takes some minutes.");
    let purging = tokio::spawn(async move {
        let began = Instant::now();
        sessions.purge().await.map(|()| began.elapsed())
    });
    let (mut pages, mut changes) = (Samples::default(), Samples::default());
    while !purging.is_finished() {
        for _ in 0..READS {
            pages.time(visitor.read()).await?;
        }
        changes.time(visitor.write()).await?;
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

/// Somebody who is signed in.
struct Visitor {
    http: reqwest::Client,
    origin: String,
    cookie: String,
}

impl Visitor {
    async fn register(origin: String) -> Result<Self, Box<dyn Error>> {
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        let mut visitor = Self { http, origin, cookie: String::new() };
        let form = "name=Ada&email=ada%40example.org&password=violet+anchor+seldom";
        let answer = visitor.post("/api/register", form).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).ok_or("no cookie")?.to_str()?;
        visitor.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(visitor)
    }

    /// Opens the home page.
    async fn read(&self) -> Result<(), Box<dyn Error>> {
        let page = self.http.get(&self.origin).header(header::COOKIE, &self.cookie).send().await?;
        if page.status() != StatusCode::OK {
            return Err(format!("the page is {}", page.status()).into());
        }
        page.bytes().await?;
        Ok(())
    }

    /// Changes the name: one transaction for it and its entry in the log, one for the flash message.
    async fn write(&self) -> Result<(), Box<dyn Error>> {
        let answer = self.post("/api/rename", "name=Ada").await?;
        if answer.status() != StatusCode::SEE_OTHER {
            return Err(format!("the change is {}", answer.status()).into());
        }
        Ok(())
    }

    async fn post(&self, path: &str, form: &'static str) -> Result<reqwest::Response, reqwest::Error> {
        self.http
            .post(format!("{}{path}", self.origin))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, &self.cookie)
            .body(form)
            .send()
            .await
    }
}
