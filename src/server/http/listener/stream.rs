//! The stream of a connection, which tells what goes over it.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::activity::Activity;

/// How hyper's own refusals begin.
const REFUSAL: &[u8] = b"HTTP/1.1 4";

#[derive(Debug)]
pub struct Stream {
    tcp: TcpStream,
    activity: Arc<Activity>,
    /// Lines of the head of every response.
    fixed_headers: Arc<[u8]>,
    refusal: Option<Refusal>,
}

/// A refusal of hyper, completed.
#[derive(Debug)]
struct Refusal {
    bytes: Vec<u8>,
    written: usize,
}

impl Stream {
    pub fn new(tcp: TcpStream, activity: Arc<Activity>, fixed_headers: Arc<[u8]>) -> Self {
        Self { tcp, activity, fixed_headers, refusal: None }
    }

    /// hyper answers a head that it cannot parse by itself, with a bare status. Nothing else is written while no
    /// request is under way.
    fn write_refusal(&mut self, cx: &mut Context<'_>, head: &[u8]) -> Poll<io::Result<usize>> {
        let complete = || Refusal { bytes: complete(head, &self.fixed_headers), written: 0 };
        let refusal = self.refusal.get_or_insert_with(complete);
        while let Some(rest) = refusal.bytes.get(refusal.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.tcp).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => refusal.written += written,
            }
        }
        self.refusal = None;
        Poll::Ready(Ok(head.len()))
    }

    fn tell(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.activity.waits(),
            Poll::Ready(Ok(bytes)) => self.activity.moved(bytes),
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

/// Adds the headers to a head that ends with a blank line.
fn complete(head: &[u8], headers: &[u8]) -> Vec<u8> {
    match head.strip_suffix(b"\r\n") {
        Some(lines) if head.starts_with(REFUSAL) => [lines, headers, b"\r\n"].concat(),
        _ => head.to_vec(),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let filled = buffer.filled().len();
        let polled = Pin::new(&mut self.tcp).poll_read(cx, buffer);
        if buffer.filled().len() > filled {
            self.activity.received();
        }
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if !self.activity.is_in_exchange() {
            return self.write_refusal(cx, bytes);
        }
        let written = Pin::new(&mut self.tcp).poll_write(cx, bytes);
        self.tell(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.activity.is_in_exchange() {
            let first = pieces.iter().find(|piece| !piece.is_empty());
            return self.write_refusal(cx, first.map_or(&[], |piece| piece));
        }
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, pieces);
        self.tell(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.tcp).poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            self.activity.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
