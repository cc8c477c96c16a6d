//! Log lines: each event is one, and what a client sends cannot begin another.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use super::domain::plain_text;

/// Makes writers of plain lines.
#[derive(Debug)]
pub struct PlainLines<M>(pub M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for PlainLines<M> {
    type Writer = LogWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        LogWriter(self.0.make_writer())
    }
}

/// Writes each event as one line of plain text, whatever strangers have put into its fields.
#[derive(Debug)]
pub struct LogWriter<W>(W);

impl<W: Write> Write for LogWriter<W> {
    /// `event` is a whole event: tracing-subscriber writes it at once.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if line.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            self.0.write_all(event)?;
        } else {
            let line = String::from_utf8_lossy(line);
            self.0.write_all(format!("{}\n", plain_text(&line)).as_bytes())?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
