//! Requests as a browser sends them, and what came of them.

use std::{
    error::Error,
    hash::{DefaultHasher, Hash, Hasher},
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use http::{HeaderMap, StatusCode, header};
use url::form_urlencoded;

/// An answer that takes longer is a violation.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than a server keeps a connection, so that none is used at the moment it is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// How much of a body is shown as evidence, in characters.
const SHOWN: usize = 200;

/// Where a request goes to.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    pub port: u16,
}

#[derive(Debug)]
pub struct Request<'a> {
    pub target: Target,
    pub path: &'a str,
    pub cookie: Option<&'a str>,
    /// Makes it a POST.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// Posted by an island, which gets JSON.
    pub by_script: bool,
    /// Who asks, for the evidence.
    pub by: &'a str,
}

/// A request, and what came of it.
#[derive(Debug)]
pub struct Exchange {
    pub request: String,
    pub began: Instant,
    pub ended: Instant,
    pub reply: Reply,
}

#[derive(Debug)]
pub enum Reply {
    Response(Response),
    /// The connection broke, or was refused.
    Broken(String),
    TimedOut,
}

#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
}

impl Client {
    /// `origin` is the public URL of the site.
    ///
    /// # Errors
    /// If the system has no randomness or the like.
    pub fn new(origin: String) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .timeout(TIMEOUT);
        Ok(Self { http: http.build()?, origin })
    }

    pub async fn send(&self, request: Request<'_>) -> Exchange {
        let url = format!("http://127.0.0.1:{}{}", request.target.port, request.path);
        let mut builder = match request.form {
            None => self.http.get(url),
            Some(form) => self.http.post(url).body(encode(form)).header(header::ORIGIN, &self.origin),
        };
        if request.form.is_some() {
            builder = builder.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(cookie) = request.cookie {
            builder = builder.header(header::COOKIE, cookie);
        }
        builder =
            builder.header(header::ACCEPT, if request.by_script { "application/json" } else { "text/html" });
        builder = builder.header("x-forwarded-for", address(request.by).to_string());
        let began = Instant::now();
        let reply = match receive(builder).await {
            Ok(response) => Reply::Response(response),
            Err(error) if error.is_timeout() => Reply::TimedOut,
            Err(error) => Reply::Broken(chain(&error)),
        };
        Exchange { request: request.describe(), began, ended: Instant::now(), reply }
    }
}

impl Request<'_> {
    fn describe(&self) -> String {
        let method = if self.form.is_some() { "POST" } else { "GET" };
        format!("{method} {} at {} by {}", self.path, self.target.name, self.by)
    }
}

impl Exchange {
    pub fn latency(&self) -> Duration {
        self.ended.duration_since(self.began)
    }

    pub fn response(&self) -> Option<&Response> {
        match &self.reply {
            Reply::Response(response) => Some(response),
            Reply::Broken(_) | Reply::TimedOut => None,
        }
    }

    /// The session cookie that the response sets, as it is sent back.
    pub fn new_cookie(&self) -> Option<&str> {
        self.response()?.set_cookie("id_")
    }

    /// For the evidence.
    pub fn describe(&self) -> String {
        let (request, millis) = (&self.request, self.latency().as_millis());
        let outcome = match &self.reply {
            Reply::Response(response) => response.describe(),
            Reply::Broken(error) => error.clone(),
            Reply::TimedOut => "no answer".to_owned(),
        };
        format!("{request}, after {millis} ms: {outcome}")
    }
}

impl Response {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The pair of a cookie that is set, and not removed.
    pub fn set_cookie(&self, start: &str) -> Option<&str> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut set = lines.filter(|line| line.starts_with(start) && !line.contains("Max-Age=0"));
        set.next()?.split(';').next()
    }

    fn describe(&self) -> String {
        let (status, id, server) = (self.status, self.header("x-request-id"), self.header("x-upstream"));
        let location = self.location();
        let title = self.body.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        let body: String = title.map_or(&*self.body, |(title, _)| title).chars().take(SHOWN).collect();
        format!("{status}, location {location:?}, request id {id:?}, from {server:?}: {body:?}")
    }
}

async fn receive(builder: reqwest::RequestBuilder) -> reqwest::Result<Response> {
    let response = builder.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = String::from_utf8_lossy(&response.bytes().await?).into_owned();
    Ok(Response { status, headers, body })
}

/// Each visitor has an address of their own.
fn address(by: &str) -> Ipv4Addr {
    let mut hasher = DefaultHasher::new();
    by.hash(&mut hasher);
    let [_, a, b, c, ..] = hasher.finish().to_be_bytes();
    Ipv4Addr::new(10, a, b, c)
}

pub fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
