//! A client of the session events, as an open page is.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use tokio::time::timeout;
use vestibule::model::{SessionEvent, SessionState};

use super::Actor;

/// How long an event may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// An open stream of server-sent events.
#[derive(Debug)]
pub struct EventStream {
    pub headers: HeaderMap,
    response: reqwest::Response,
    unread: String,
}

impl Actor {
    /// Opens the stream; the status if it is refused.
    pub async fn listen(&self) -> Result<EventStream, StatusCode> {
        let request = self.request(http::Method::GET, "/session/events").accept("text/event-stream");
        let response = request.send_unread().await;
        if response.status() != StatusCode::OK {
            return Err(response.status());
        }
        let headers = response.headers().clone();
        assert_eq!(headers[header::CONTENT_TYPE], "text/event-stream");
        Ok(EventStream { headers, response, unread: String::new() })
    }
}

impl EventStream {
    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<SessionEvent> {
        loop {
            if let Some((message, rest)) = self.unread.split_once("\n\n") {
                let data = message.lines().find_map(|line| line.strip_prefix("data: "));
                let event = data.map(|data| serde_json::from_str(data).expect("a session event"));
                self.unread = rest.to_owned();
                if event.is_some() {
                    return event;
                }
                continue; // a heartbeat
            }
            let chunk = timeout(TIMEOUT, self.response.chunk()).await.expect("data in time");
            self.unread.push_str(str::from_utf8(&chunk.expect("a whole chunk")?).expect("UTF-8"));
        }
    }

    /// The state in the next event.
    pub async fn state(&mut self) -> SessionState {
        self.next().await.expect("an event").state
    }

    /// The next bytes, heartbeats included.
    pub async fn raw(&mut self) -> String {
        let chunk = timeout(TIMEOUT, self.response.chunk()).await.expect("data in time");
        String::from_utf8(chunk.expect("a whole chunk").expect("a chunk").to_vec()).expect("UTF-8")
    }
}
