//! A browser on a connection of its own, which it keeps. Cheaper than `Client`, since there are hundreds.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use axum::body::{Body, to_bytes};
use http::{Request, Response as HttpResponse, header};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    client::{Exchange, Reply, Response, Target, encode},
    scenario::public_url,
};

/// An answer that takes longer is none.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum size of a page, in bytes.
const MAX_BODY: usize = 1 << 20;

#[derive(Debug)]
pub struct Visitor {
    target: Target,
    /// Where the proxy says that requests come from.
    pub address: Ipv4Addr,
    cookies: BTreeMap<String, String>,
    connection: Option<SendRequest<Body>>,
}

impl Visitor {
    pub fn new(target: Target, address: Ipv4Addr) -> Self {
        Self { target, address, cookies: BTreeMap::new(), connection: None }
    }

    /// Another browser with the same cookies.
    pub fn copy(&self, address: Ipv4Addr) -> Self {
        Self { cookies: self.cookies.clone(), ..Self::new(self.target, address) }
    }

    pub async fn open(&mut self, path: &str) -> Exchange {
        self.send("GET", path, "text/html", Body::empty()).await
    }

    /// Posts a form as an island does, which gets JSON.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Exchange {
        self.send("POST", path, "application/json", Body::from(encode(fields))).await
    }

    /// Posts a form as a browser without JavaScript does.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Exchange {
        self.send("POST", path, "text/html", Body::from(encode(fields))).await
    }

    async fn send(&mut self, method: &str, path: &str, accept: &str, body: Body) -> Exchange {
        let began = Instant::now();
        let reply = match timeout(TIMEOUT, self.receive(method, path, accept, body)).await {
            Ok(Ok(response)) => {
                self.keep_cookies(&response);
                Reply::Response(response)
            }
            Ok(Err(error)) => Reply::Broken(error.to_string()),
            Err(_) => Reply::TimedOut,
        };
        if !matches!(reply, Reply::Response(_)) {
            self.connection = None;
        }
        let request = format!("{method} {path} by {}", self.address);
        Exchange { request, began, ended: Instant::now(), reply }
    }

    async fn receive(&mut self, method: &str, path: &str, accept: &str, body: Body) -> io::Result<Response> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("localhost:{}", self.target.port))
            .header("x-forwarded-for", self.address.to_string())
            .header(header::ACCEPT, accept);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if method == "POST" {
            request = request
                .header(header::ORIGIN, public_url(self.target.port))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(body).map_err(failure)?;
        read(self.connection().await?.send_request(request).await.map_err(failure)?).await
    }

    /// That of the request before, unless the server has closed it.
    async fn connection(&mut self) -> io::Result<&mut SendRequest<Body>> {
        let is_ready = match &mut self.connection {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !is_ready {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.target.port)).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failure)?;
            tokio::spawn(connection);
            self.connection = Some(sender);
        }
        self.connection.as_mut().ok_or_else(|| failure("there is no connection"))
    }

    fn keep_cookies(&mut self, response: &Response) {
        let lines = response.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        for line in lines {
            let pair = line.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

async fn read(response: HttpResponse<Incoming>) -> io::Result<Response> {
    let (head, body) = response.into_parts();
    let bytes = to_bytes(Body::new(body), MAX_BODY).await.map_err(failure)?;
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Response { status: head.status, headers: head.headers, body })
}

fn failure(error: impl Display) -> io::Error {
    io::Error::other(error.to_string())
}
