//! 100,000 requests, of which a fifth hang up midway: after half a head, after the head, in the middle of a body, or in
//! the middle of the response.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use super::{
    Failure,
    observed::{Phase, Usage, connect, get, request},
    scenario::Run,
    violations::Rule,
};

pub const RULES: &[Rule] = &[Rule::PROCESSES, OTHERS, LEFT];
const OTHERS: Rule = Rule("Every request that does not hang up is answered");
const LEFT: Rule = Rule("Requests that hang up leave no connection, no file and no memory behind");

const REQUESTS: usize = 100_000;
const CLIENTS: usize = 32;
/// One of so many hangs up.
const HANGS_UP: usize = 5;
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_CLOSING: Duration = Duration::from_secs(10);
/// In KiB.
const MAX_MEMORY: u64 = 32 << 10;
const PAGES: [&str; 3] = ["/login", "/register", "/healthz"];

/// # Errors
/// If it cannot be carried out.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    let server = Arc::new(run.server("the server", &[])?);
    let started = server.clone();
    spawn_blocking(move || started.start()).await??;
    let (port, process) = (server.port, server.id()?);
    let (counts, next) = (Arc::new(Phase::default()), Arc::new(AtomicUsize::new(0)));
    run.say("some requests to warm up");
    send(port, REQUESTS / 20, &Arc::default(), &next).await;
    sleep(Duration::from_secs(1)).await;
    let at_first = Usage::of(process)?;

    run.say(&format!("{REQUESTS} requests of {CLIENTS} clients, of which every {HANGS_UP}th hangs up"));
    next.store(0, Ordering::Relaxed);
    let began = Instant::now();
    let hung_up = send(port, REQUESTS, &counts, &next).await;
    let (took, at_most) = (began.elapsed(), Usage::of(process)?);
    let (ended, mut at_last) = (Instant::now(), Usage::of(process)?);
    while at_last.sockets > at_first.sockets && ended.elapsed() < MAX_CLOSING {
        sleep(Duration::from_millis(50)).await;
        at_last = Usage::of(process)?;
    }

    Phase::print_header();
    let (_, failed) = counts.print("answered to the end");
    println!("{:<34}{hung_up:>9}", "hung up");
    println!("\n{:<34}{:>12}{:>9}{:>9}", "the server", "memory, KiB", "sockets", "files");
    for (name, usage) in [("before", at_first), ("at the end", at_most), ("when all have gone", at_last)] {
        println!("{name:<34}{:>12}{:>9}{:>9}", usage.memory, usage.sockets, usage.files);
    }
    println!(
        "\nIt took {:.1} s, and {:.2} s until all connections were closed.",
        took.as_secs_f64(),
        ended.elapsed().as_secs_f64()
    );

    for failure in failed {
        run.violations.add(OTHERS, &failure);
    }
    let is_left = at_last.sockets > at_first.sockets || at_last.files > at_first.files;
    if is_left || at_last.memory > at_first.memory + MAX_MEMORY {
        run.violations.add(LEFT, &format!("{at_last:?} instead of {at_first:?}"));
    }
    run.stop(&server).await
}

/// Sends so many requests; returns how many have hung up.
async fn send(port: u16, requests: usize, counts: &Arc<Phase>, next: &Arc<AtomicUsize>) -> usize {
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (counts, next) = (counts.clone(), next.clone());
        clients.spawn(async move {
            let (mut connection, mut hung_up) = (None, 0);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return hung_up;
                }
                if number.is_multiple_of(HANGS_UP) {
                    hung_up += usize::from(hang_up(port, number / HANGS_UP).await.is_ok());
                    continue;
                }
                let began = Instant::now();
                let answer = timeout(TIMEOUT, get(port, &mut connection, PAGES[number % PAGES.len()])).await;
                let answer = answer.unwrap_or_else(|_| Err(io::Error::other("there is no answer")));
                if answer.is_err() {
                    connection = None;
                }
                counts.count(answer.map(|()| began.elapsed()));
            }
        });
    }
    clients.join_all().await.iter().sum()
}

/// Leaves in the middle of something.
async fn hang_up(port: u16, number: usize) -> io::Result<()> {
    let mut stream = connect(port).await?;
    let page = request(port, "/login");
    match number % 5 {
        0 => stream.write_all(&page.as_bytes()[..page.len() / 2]).await?,
        1 => stream.write_all(page.as_bytes()).await?,
        2 => read_some(&mut stream, &page).await?,
        // Several at once, of which none is read: the connection is reset.
        3 => stream.write_all(page.repeat(20).as_bytes()).await?,
        _ => {
            let head = format!(
                "POST /api/sign_in HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail=a"
            );
            stream.write_all(head.as_bytes()).await?;
        }
    }
    Ok(())
}

async fn read_some(stream: &mut TcpStream, page: &str) -> io::Result<()> {
    stream.write_all(page.as_bytes()).await?;
    stream.read_exact(&mut [0; 100]).await.map(drop)
}
