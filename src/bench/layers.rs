//! Where the time of a page goes: the same request through more and more of the server, in process and
//! then over HTTP. Median, p99 and slowest of many, one at a time.

use std::{
    convert::Infallible,
    error::Error,
    hint::black_box,
    iter::repeat_n,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{Html, Response},
    routing::get,
};
use http::{StatusCode, Uri, header};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use vestibule::{
    pages::{self, PageRequest},
    server::{
        caller::Caller,
        http::{
            document::Flash,
            listener,
            middleware::{self, Peer, SecurityHeaders},
            router,
            state::HttpState,
        },
    },
};

use crate::{samples::Samples, visitor::Visitor};

const TRIES: usize = 20_000;
const STOP_TIMEOUT: Duration = Duration::from_secs(1);
const WARM_UP: usize = 500;
/// How often it is done among the tests, where nothing is measured.
const TRIED: usize = 20;
/// As large as the page of the Go program that the aims of this project were set by.
const REFERENCE_LENGTH: usize = 2_700;

/// Measures the home page of `visitor`.
pub async fn measure(state: &HttpState, visitor: &Visitor) -> Result<(), Box<dyn Error>> {
    let reference: &str = "<p>Hello, World!</p>\n".repeat(REFERENCE_LENGTH / 21).leak();
    let constant = || Router::new().route("/", get(move || async move { Html(reference) }));
    let cookie = Some(visitor.cookie());
    let stack = |app, open| middleware::stack(state, app, open);
    let behind_session = || stack(constant(), Router::new());
    let whole = router::router(state);

    println!("\nA page, layer by layer; in process, in microseconds\n");
    Samples::header();
    ask(&constant(), None).await?.print("bare handler, a constant of 2.7 KB");
    ask(&stack(Router::new(), constant()), None).await?.print("and the outer stack");
    ask(&behind_session(), cookie).await?.print("and cookie, session, access");
    render(state, visitor).await?.print("the home page rendered, alone");
    ask(&whole, cookie).await?.print("the whole home page");

    println!("\nThe same over HTTP, a client and a server on one machine\n");
    Samples::header();
    fetch(constant(), state, visitor).await?.print("bare handler, a constant of 2.7 KB");
    fetch(behind_session(), state, visitor).await?.print("the whole stack, the same constant");
    fetch(whole, state, visitor).await?.print("the whole home page");
    Ok(())
}

/// The rounds of a measurement: first some to warm up, which do not count.
fn rounds(measured: usize) -> impl Iterator<Item = bool> {
    let (warm_up, measured) = if crate::is_bench() { (WARM_UP, measured) } else { (0, TRIED) };
    repeat_n(false, warm_up).chain(repeat_n(true, measured))
}

/// Calls the service without a network.
async fn ask(service: &Router, cookie: Option<&str>) -> Result<Samples, Box<dyn Error>> {
    let mut samples = Samples::default();
    for counts in rounds(TRIES) {
        let mut request =
            Request::get("/").header(header::HOST, "localhost").header(header::ACCEPT, "text/html");
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let mut request = request.body(Body::empty())?;
        request.extensions_mut().insert(Peer((Ipv4Addr::LOCALHOST, 1).into()));
        let service = service.clone();
        let began = Instant::now();
        let response = service.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
        let status = response.status();
        black_box(to_bytes(response.into_body(), usize::MAX).await?);
        samples.add(began.elapsed(), counts);
        if status != StatusCode::OK {
            return Err(format!("the page is {status}").into());
        }
    }
    Ok(samples)
}

/// Renders the page without any middleware around it, from what a request has found already.
async fn render(state: &HttpState, visitor: &Visitor) -> Result<Samples, Box<dyn Error>> {
    let page = pages::find("/").ok_or("there is no home page")?;
    let found = page_request(state, visitor).await?;
    let mut samples = Samples::default();
    for counts in rounds(TRIES) {
        let request = found.clone();
        let began = Instant::now();
        let html = state.documents.render(page, request, Flash::default()).await;
        samples.add(began.elapsed(), counts);
        black_box(html.map_err(|error| format!("the page is {error}"))?);
    }
    Ok(samples)
}

/// What the middleware hands to the home page.
async fn page_request(state: &HttpState, visitor: &Visitor) -> Result<PageRequest, Box<dyn Error>> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let catch = move |request: Request| async move {
        let _ = sender.send(request.extensions().get::<Caller>().cloned());
    };
    let service = middleware::stack(state, Router::new().route("/", get(catch)), Router::new());
    let mut request = Request::get("/")
        .header(header::HOST, "localhost")
        .header(header::COOKIE, visitor.cookie())
        .body(Body::empty())?;
    request.extensions_mut().insert(Peer((Ipv4Addr::LOCALHOST, 1).into()));
    let _: Response = service.oneshot(request).await.unwrap_or_else(|never: Infallible| match never {});
    let caller = receiver.recv()?.ok_or("no one is signed in")?;
    Ok(PageRequest { caller, uri: Uri::from_static("/"), link: None })
}

/// Serves the service as it is deployed, and asks for its page.
async fn fetch(service: Router, state: &HttpState, visitor: &Visitor) -> Result<Samples, Box<dyn Error>> {
    let socket = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let visitor = visitor.at(format!("http://{}", socket.local_addr()?));
    let (stop, config) = (CancellationToken::new(), state.app.config.http.clone());
    let (stopping, headers) = (stop.clone(), SecurityHeaders::new(state));
    let clock = state.app.clock.clone();
    let serving = tokio::spawn(async move {
        listener::serve(socket, service, &config, clock, &headers, stopping, STOP_TIMEOUT).await
    });
    let mut samples = Samples::default();
    for counts in rounds(TRIES / 4) {
        let began = Instant::now();
        visitor.read().await?;
        samples.add(began.elapsed(), counts);
    }
    stop.cancel();
    serving.await?;
    Ok(samples)
}
