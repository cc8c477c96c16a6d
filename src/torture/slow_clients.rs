//! A thousand clients each that send heads slowly, send bodies slowly, and read slowly, while others browse.

use std::{fs, io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    Failure,
    observed::{Phase, Usage, browse, connect, request},
    scenario::Run,
    site,
    violations::Rule,
};

pub const RULES: &[Rule] = &[Rule::PROCESSES, OTHERS, MEMORY, CLOSED];
const OTHERS: Rule = Rule("Slow clients do not delay others by more than 250 ms, and fail none");
const MEMORY: Rule = Rule("3,000 slow clients cost no more than 96 KiB each");
const CLOSED: Rule = Rule("The server closes the connections of clients that fall silent");

const EACH: usize = 1_000;
const BROWSING: usize = 8;
const CALM: Duration = Duration::from_secs(5);
/// As long as the slowest timeout, so that every kind of client was cut off meanwhile.
const SLOW: Duration = Duration::from_secs(40);
/// Two windows of the minimum rate, and some time more.
const MAX_CLOSING: Duration = Duration::from_secs(75);
/// Between two bytes.
const TRICKLE: Duration = Duration::from_secs(2);
const MAX_DELAY: Duration = Duration::from_millis(250);
/// In KiB.
const MAX_MEMORY: u64 = 3 * EACH as u64 * 96;
/// More than the buffers of a connection.
const LARGE: usize = 2 << 20;
const RECEIVE_BUFFER: u32 = 4 << 10;

#[derive(Clone, Copy, Debug)]
enum Slow {
    Head,
    Body,
    Reader,
}

/// # Errors
/// If it cannot be carried out.
pub async fn run(run: Arc<Run>) -> Result<(), Failure> {
    let site = run.folder.join("site");
    site::build(&site)?;
    fs::write(site.join("large.bin"), vec![0; LARGE])?;
    let environment = [("VESTIBULE_HTTP__SITE_ROOT", site.display().to_string())];
    let server = Arc::new(run.server("the server", &environment)?);
    let started = server.clone();
    spawn_blocking(move || started.start()).await??;
    let (port, process) = (server.port, server.id()?);

    let before = browse_for(&run, "before", port, CALM).await;
    let at_first = Usage::of(process)?;
    let (stop, silence) = (CancellationToken::new(), CancellationToken::new());
    let mut slow = JoinSet::new();
    for number in 0..3 * EACH {
        let kind = [Slow::Head, Slow::Body, Slow::Reader][number % 3];
        slow.spawn(stay(kind, port, stop.clone(), silence.clone()));
    }
    let during = browse_for(&run, "with 3,000 slow clients", port, SLOW).await;
    let at_most = Usage::of(process)?;
    silence.cancel();
    let began = Instant::now();
    let after = browse_for(&run, "when they have fallen silent", port, CALM).await;
    let mut at_last = Usage::of(process)?;
    while at_last.sockets > at_first.sockets && began.elapsed() < MAX_CLOSING {
        sleep(Duration::from_millis(500)).await;
        at_last = Usage::of(process)?;
    }
    let closing = began.elapsed();
    stop.cancel();
    let cut_off: usize = slow.join_all().await.iter().sum();

    Phase::print_header();
    let (calm, failed) = before.print("before");
    let (p99, failed_during) = during.print("with 3,000 slow clients");
    let (_, failed_after) = after.print("when they have fallen silent");
    println!("\n{:<34}{:>12}{:>9}{:>9}", "the server", "memory, KiB", "sockets", "files");
    for (name, usage) in [("before", at_first), ("with 3,000 slow clients", at_most), ("at last", at_last)] {
        println!("{name:<34}{:>12}{:>9}{:>9}", usage.memory, usage.sockets, usage.files);
    }
    println!(
        "\n{cut_off} times a slow client was cut off. All were, {:.1} s after they fell silent.",
        closing.as_secs_f64()
    );

    for failure in [failed, failed_during, failed_after].concat() {
        run.violations.add(OTHERS, &failure);
    }
    if p99 > calm + MAX_DELAY {
        run.violations.add(OTHERS, &format!("p99 is {p99:?} instead of {calm:?}"));
    }
    if at_most.memory > at_first.memory + MAX_MEMORY {
        run.violations.add(MEMORY, &format!("{} KiB after {} KiB", at_most.memory, at_first.memory));
    }
    if at_last.sockets > at_first.sockets || at_last.files > at_first.files + BROWSING {
        run.violations.add(CLOSED, &format!("{at_last:?} instead of {at_first:?}"));
    }
    run.stop(&server).await
}

/// Some people browse for so long.
async fn browse_for(run: &Run, phase: &str, port: u16, time: Duration) -> Arc<Phase> {
    run.say(&format!("{BROWSING} people browse for {} s, {phase}", time.as_secs()));
    let (counts, stop) = (Arc::new(Phase::default()), CancellationToken::new());
    let mut people = JoinSet::new();
    for _ in 0..BROWSING {
        let (counts, stop) = (counts.clone(), stop.clone());
        people.spawn(async move { browse(port, &counts, &stop).await });
    }
    sleep(time).await;
    stop.cancel();
    people.join_all().await;
    counts
}

/// Connects again whenever it is cut off, until it falls silent; returns how often that was.
async fn stay(kind: Slow, port: u16, stop: CancellationToken, silence: CancellationToken) -> usize {
    let mut times = 0;
    while !silence.is_cancelled() {
        match stop.run_until_cancelled(be_slow(kind, port, &silence)).await {
            Some(Ok(())) => times += 1,
            Some(Err(_)) => sleep(TRICKLE).await,
            None => break,
        }
    }
    times
}

/// Holds a connection until the server closes it.
async fn be_slow(kind: Slow, port: u16, silence: &CancellationToken) -> io::Result<()> {
    let mut stream = match kind {
        Slow::Reader => connect_with_small_buffer(port).await?,
        Slow::Head | Slow::Body => connect(port).await?,
    };
    let begin = match kind {
        Slow::Head => format!("GET /login HTTP/1.1\r\nHost: localhost:{port}\r\nX-Slow: "),
        Slow::Body => format!(
            "POST /api/sign_in HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nemail="
        ),
        Slow::Reader => request(port, "/large.bin"),
    };
    stream.write_all(begin.as_bytes()).await?;
    while !silence.is_cancelled() {
        sleep(TRICKLE).await;
        let is_open = match kind {
            Slow::Head | Slow::Body => stream.write_all(b"a").await.is_ok() && !is_closed(&stream),
            Slow::Reader => stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0),
        };
        if !is_open {
            return Ok(());
        }
    }
    // Until the server closes: what it has sent is read at last, so that the end of it is seen.
    let closed = async {
        while let Ok(1..) = stream.read(&mut [0; 64]).await {
            sleep(TRICKLE).await
        }
    };
    closed.await;
    Ok(())
}

fn is_closed(stream: &TcpStream) -> bool {
    matches!(stream.try_read(&mut [0; 4096]), Ok(0))
}

async fn connect_with_small_buffer(port: u16) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.connect(([127, 0, 0, 1], port).into()).await
}
