//! Requests as bytes on a connection.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::world::World;
use crate::support::status;

/// A stream of events does not end by itself.
const TIMEOUT: Duration = Duration::from_millis(200);

pub fn target() -> impl FnMut(&[u8]) -> String {
    let world = World::start();
    move |input| {
        let answers = world.runtime.block_on(exchange(&world, input));
        // A request that is cut off need not be answered.
        let first = answers.starts_with("HTTP/1.1 ").then(|| status(&answers));
        for line in answers.lines().filter(|line| line.starts_with("HTTP/1.1 ")) {
            assert!(status(line) < 500, "{line}");
        }
        format!("{first:?} {}", answers.matches("HTTP/1.1 ").count())
    }
}

async fn exchange(world: &World, input: &[u8]) -> String {
    let mut connection = TcpStream::connect(world.app.address).await.expect("connected");
    let mut answers = Vec::new();
    // The server may refuse early and close.
    let _ = connection.write_all(input).await;
    let _ = connection.shutdown().await;
    let _ = timeout(TIMEOUT, connection.read_to_end(&mut answers)).await;
    String::from_utf8_lossy(&answers).into_owned()
}
