//! What a server uses, and how ordinary clients fare meanwhile: raw connections, of which there are thousands.

use std::{
    fs, io,
    net::Ipv4Addr,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// An answer that takes longer is none.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two pages of a client.
const PAUSE: Duration = Duration::from_millis(20);
const PAGES: [&str; 4] = ["/login", "/register", "/healthz", "/"];

/// What a process uses.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory, in KiB.
    pub memory: u64,
    pub sockets: usize,
    /// Open files of any kind, sockets included.
    pub files: usize,
}

impl Usage {
    /// # Errors
    /// If there is no such process.
    pub fn of(process: u32) -> io::Result<Self> {
        let folder = Path::new("/proc").join(process.to_string());
        let status = fs::read_to_string(folder.join("status"))?;
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let links =
            fs::read_dir(folder.join("fd"))?.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        let links: Vec<_> = links.collect();
        let sockets = links.iter().filter(|link| link.to_string_lossy().starts_with("socket:")).count();
        Ok(Self {
            memory: memory.and_then(|text| text.parse().ok()).unwrap_or(0),
            sockets,
            files: links.len(),
        })
    }
}

/// How requests of ordinary clients went, in one phase.
#[derive(Debug, Default)]
pub struct Phase(Mutex<(Vec<Duration>, Vec<String>)>);

impl Phase {
    pub fn count(&self, outcome: io::Result<Duration>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(latency) => counts.0.push(latency),
            Err(error) => counts.1.push(error.to_string()),
        }
    }

    /// Prints a row of the table; returns p99 and what has failed.
    pub fn print(&self, name: &str) -> (Duration, Vec<String>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.0.sort_unstable();
        let at = |percent: usize| {
            let latency = counts.0.get(counts.0.len().saturating_sub(1) * percent / 100);
            latency.copied().unwrap_or_default()
        };
        let [median, p99, slowest] = [50, 99, 100].map(at);
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "{name:<34}{:>9}{:>8}{:>9.1}{:>9.1}{:>9.1}",
            counts.0.len() + counts.1.len(),
            counts.1.len(),
            millis(median),
            millis(p99),
            millis(slowest)
        );
        (p99, counts.1.clone())
    }

    pub fn print_header() {
        println!(
            "\nOrdinary clients, latencies in milliseconds\n\n{:<34}{:>9}{:>8}{:>9}{:>9}{:>9}",
            "", "requests", "failed", "median", "p99", "slowest"
        );
    }
}

/// Opens one page after the other on one connection, until `stop`.
pub async fn browse(port: u16, phase: &Phase, stop: &CancellationToken) {
    let mut connection = None;
    for page in PAGES.iter().cycle() {
        if stop.is_cancelled() {
            return;
        }
        let began = Instant::now();
        let answer = timeout(TIMEOUT, get(port, &mut connection, page)).await;
        let answer = answer.unwrap_or_else(|_| Err(io::Error::other("there is no answer")));
        if answer.is_err() {
            connection = None;
        }
        phase.count(answer.map(|()| began.elapsed()));
        sleep(PAUSE).await;
    }
}

/// # Errors
/// If the server does not answer, or with an error.
pub async fn get(port: u16, connection: &mut Option<TcpStream>, path: &str) -> io::Result<()> {
    let stream = match connection {
        Some(stream) => stream,
        none => none.insert(connect(port).await?),
    };
    stream.write_all(request(port, path).as_bytes()).await?;
    let (status, _) = read_answer(stream).await?;
    if status >= 400 { Err(io::Error::other(format!("{path} is {status}"))) } else { Ok(()) }
}

/// Each from an address of its own, since no limit per address is tried here.
pub fn request(port: u16, path: &str) -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let [_, a, b, c] = LAST.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n\
         X-Forwarded-For: 100.{a}.{b}.{c}\r\n\r\n"
    )
}

/// # Errors
/// If the server does not listen.
pub async fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = timeout(TIMEOUT, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await;
    stream.map_err(|_| io::Error::other("it is not connected"))?
}

/// The status and the length of an answer that has a `Content-Length`, as all have but event streams.
async fn read_answer(stream: &mut TcpStream) -> io::Result<(u16, usize)> {
    let (mut answer, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Err(io::Error::other("the connection was closed"));
        }
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let (Some(status), Some(length)) = (status, length) else {
            return Err(io::Error::other(format!("it is no answer: {head}")));
        };
        if answer.len() >= head.len() + 4 + length {
            return Ok((status, length));
        }
    }
}
