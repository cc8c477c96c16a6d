//! Browsers, and the users who sign in with them.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::{HeaderValue, Method, StatusCode, header};
use url::form_urlencoded;
use vestibule::model::FormOutcome;

use super::{TestApp, TestResponse, response::cookie_kind};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// A user who has an account or registers one.
#[derive(Clone, Copy, Debug)]
pub struct User {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
}

pub const ALICE: User =
    User { name: "Alice Liddell", email: "alice@example.org", password: "six impossible things" };

pub const BOB: User = User { name: "Bob", email: "bob@example.org", password: "walrus and carpenter" };

/// The password of no account.
pub const WRONG_PASSWORD: &str = "off with their heads";

/// A browser that keeps cookies and does not follow redirects.
#[derive(Debug)]
pub struct Actor {
    http: reqwest::Client,
    origin: String,
    jar: Mutex<Jar>,
}

/// The cookies, each as `name=value`.
#[derive(Clone, Debug, Default)]
struct Jar {
    session: Option<String>,
    /// The cookie of a rejected form.
    form: Option<String>,
    /// What the browser is known for.
    device: Option<String>,
    /// The link of a mail that was opened.
    link: Option<String>,
}

impl Jar {
    fn header(&self) -> Option<String> {
        let pairs: Vec<&str> = [&self.session, &self.form, &self.device, &self.link]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Actor {
    pub fn new(app: &TestApp) -> Self {
        Self::at(app.address)
    }

    /// A browser of a server at this address.
    pub fn at(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self { http, origin: format!("http://{address}"), jar: Mutex::default() }
    }

    /// The same browser with the same cookie, connected to another application.
    pub fn reconnect_to(&self, app: &TestApp) -> Self {
        Self::new(app).with_cookie(self.cookie())
    }

    /// Another browser with the same cookies: a second tab, or an attacker's.
    pub fn copy(&self) -> Self {
        Self { http: self.http.clone(), origin: self.origin.clone(), jar: Mutex::new(self.jar().clone()) }
    }

    #[must_use]
    pub fn with_cookie(self, cookie: Option<String>) -> Self {
        self.jar().session = cookie;
        self
    }

    /// The session cookie as `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.jar().session.clone()
    }

    /// The device cookie as `name=value`.
    pub fn device_cookie(&self) -> Option<String> {
        self.jar().device.clone()
    }

    #[must_use]
    pub fn with_device_cookie(self, cookie: Option<String>) -> Self {
        self.jar().device = cookie;
        self
    }

    /// The value of the session cookie, which must be set.
    pub fn cookie_value(&self) -> String {
        let pair = self.cookie().expect("a cookie");
        pair.split_once('=').expect("a pair").1.to_owned()
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.request(Method::GET, path).accept("text/html").send().await
    }

    /// Posts a form as a browser without JavaScript does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.request(Method::POST, path).accept("text/html").form(fields).send().await
    }

    /// Calls a server function as the script of a page does.
    pub async fn call(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.request(Method::POST, path).accept("application/json").form(fields).send().await
    }

    /// A request of any kind.
    pub fn request(&self, method: Method, path: &str) -> ActorRequest<'_> {
        let builder = self.http.request(method, format!("{}{path}", self.origin));
        ActorRequest { actor: self, builder, from_own_page: true }
    }

    /// Registers through the script of the page, and is then signed in.
    pub async fn register(&self, user: User) -> TestResponse {
        let fields = [("name", user.name), ("email", user.email), ("password", user.password)];
        accepted(self.call("/api/register", &fields).await)
    }

    /// Signs in through the script of the page.
    pub async fn sign_in(&self, user: User) -> TestResponse {
        let fields = [("email", user.email), ("password", user.password)];
        accepted(self.call("/api/sign_in", &fields).await)
    }

    /// Signs in through the script of the page, with "Keep me signed in" ticked.
    pub async fn sign_in_remembered(&self, user: User) -> TestResponse {
        let fields = [("email", user.email), ("password", user.password), ("remember", "on")];
        accepted(self.call("/api/sign_in", &fields).await)
    }

    /// Tries a wrong password without JavaScript; the rejection waits in the cookie of the form.
    pub async fn fail_to_sign_in(&self, email: &str) -> TestResponse {
        self.post("/api/sign_in", &[("email", email), ("password", WRONG_PASSWORD)]).await
    }

    /// Presses "Sign out".
    pub async fn sign_out(&self) -> TestResponse {
        self.post("/api/sign_out", &[]).await
    }

    /// Asserts that the home page is shown.
    #[track_caller]
    pub fn is_signed_in(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let home = self.get("/").await;
            assert_eq!(home.status, StatusCode::OK, "at {caller}: {:?}", home.headers);
            assert!(home.text().contains("Sign out"), "at {caller}: {}", home.text());
        }
    }

    /// Asserts that the home page redirects to sign-in.
    #[track_caller]
    pub fn is_signed_out(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let home = self.get("/").await;
            assert_eq!(
                (home.status, home.location()),
                (StatusCode::SEE_OTHER, "/login?next=%2F"),
                "at {caller}"
            );
        }
    }

    fn store_cookies(&self, response: &TestResponse) {
        // One for a part of the site is another cookie.
        let is_ours = |line: &&str| line.split("; ").any(|attribute| attribute == "Path=/");
        for line in response.set_cookies().into_iter().filter(is_ours) {
            let pair = line.split(';').next().expect("a pair").to_owned();
            let value = (!line.contains("Max-Age=0")).then_some(pair);
            let mut jar = self.jar();
            *match cookie_kind(line) {
                "form" => &mut jar.form,
                "device" => &mut jar.device,
                "link" => &mut jar.link,
                _ => &mut jar.session,
            } = value;
        }
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Builds a request.
#[derive(Debug)]
pub struct ActorRequest<'a> {
    actor: &'a Actor,
    builder: reqwest::RequestBuilder,
    from_own_page: bool,
}

impl ActorRequest<'_> {
    #[must_use]
    pub fn accept(self, kinds: &str) -> Self {
        self.header("accept", kinds)
    }

    /// As of a program that does not say where it comes from.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self { from_own_page: false, ..self }
    }

    /// One more line; it may hold bytes that are not ASCII.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder =
            self.builder.header(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header"));
        self
    }

    /// Fields as a browser encodes them.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.body(encode(fields))
    }

    /// The raw body of a form.
    #[must_use]
    pub fn body(self, body: impl Into<reqwest::Body>) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").raw_body(body)
    }

    /// A body of any type.
    #[must_use]
    pub fn raw_body(self, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.body(body), ..self }
    }

    /// Sends it with the cookies, and stores those of the response.
    pub async fn send(self) -> TestResponse {
        let actor = self.actor;
        let response = self.send_unread().await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a whole body").to_vec();
        let response = TestResponse { status, headers, body };
        actor.store_cookies(&response);
        response
    }

    /// Sends it with the cookies, and leaves the body unread.
    pub async fn send_unread(self) -> reqwest::Response {
        let cookie = self.actor.jar().header();
        let (client, request) = self.builder.build_split();
        let mut request = request.expect("a request");
        let headers = request.headers_mut();
        if let Some(cookie) = cookie {
            headers.append(header::COOKIE, HeaderValue::from_str(&cookie).expect("a header"));
        }
        // As a page of this site sends it, unless the test says otherwise.
        if self.from_own_page
            && !headers.contains_key(SEC_FETCH_SITE)
            && !headers.contains_key(header::ORIGIN)
        {
            headers.insert(SEC_FETCH_SITE, HeaderValue::from_static("same-origin"));
        }
        client.execute(request).await.expect("a response")
    }
}

/// `application/x-www-form-urlencoded`
pub fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[track_caller]
fn accepted(response: TestResponse) -> TestResponse {
    assert_eq!(response.status, StatusCode::OK, "{}", response.text());
    let outcome: FormOutcome = response.json();
    assert!(matches!(outcome, FormOutcome::Accepted { .. }), "{outcome:?}");
    response
}
