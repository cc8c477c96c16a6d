//! A page that listens to what happens to its session.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use tokio::time::timeout;
use vestibule::model::{SessionEvent, SessionState};

use super::Actor;

/// Longest that news may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An open stream of server-sent events.
#[derive(Debug)]
pub struct Stream {
    pub headers: HeaderMap,
    response: reqwest::Response,
    unread: String,
}

impl Actor {
    /// Opens the stream; the status if it is refused.
    pub async fn listen(&self) -> Result<Stream, StatusCode> {
        let request = self.request(http::Method::GET, "/session/events").accept("text/event-stream");
        let response = request.open().await;
        if response.status() != StatusCode::OK {
            return Err(response.status());
        }
        let headers = response.headers().clone();
        assert_eq!(headers[header::CONTENT_TYPE], "text/event-stream");
        Ok(Stream { headers, response, unread: String::new() })
    }
}

impl Stream {
    /// The next news; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let news = data.map(|data| serde_json::from_str(data).expect("news"));
                self.unread = rest.to_owned();
                if news.is_some() {
                    return news;
                }
                continue; // a heartbeat
            }
            let chunk = timeout(TIMEOUT, self.response.chunk()).await.expect("something in time");
            self.unread.push_str(str::from_utf8(&chunk.expect("a whole chunk")?).expect("UTF-8"));
        }
    }

    /// The state that comes next.
    pub async fn state(&mut self) -> SessionState {
        self.next().await.expect("news").state
    }

    /// The next bytes, heartbeats included.
    pub async fn raw(&mut self) -> String {
        let chunk = timeout(TIMEOUT, self.response.chunk()).await.expect("something in time");
        String::from_utf8(chunk.expect("a whole chunk").expect("a chunk").to_vec()).expect("UTF-8")
    }
}
