//! A panic is answered with an error page that does not reveal its cause.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
    routing::get,
};
use http::{StatusCode, header};
use tower::ServiceExt;
use vestibule::server::http::middleware;

use crate::support::TestApp;

const CAUSE: &str = "a secret cause";

/// The response of a route that panics, behind the production middleware.
async fn panic_for(accept: &str) -> (Response<()>, String) {
    async fn broken() {
        panic!("{CAUSE}");
    }
    let app = TestApp::start().await;
    let routes = Router::new().route("/broken", get(broken));
    let router = middleware::stack(&app.state, Router::new(), routes);
    let request = Request::get("/broken")
        .header(header::HOST, "localhost")
        .header(header::ACCEPT, accept)
        .body(Body::empty());
    let response = router.oneshot(request.expect("a request")).await.expect("a response");
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole body");
    (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn a_panic_is_an_error_page_for_browsers() {
    let (head, page) = panic_for("text/html").await;
    assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.contains("Something went wrong") && page.contains("Vestibule"), "{page}");
    assert!(!page.contains(CAUSE), "{page}");
    let reference = head.headers()["x-request-id"].to_str().expect("text");
    assert!(page.contains(reference), "the page shows the request id of the log");
    assert!(head.headers().contains_key(header::CONTENT_SECURITY_POLICY));
}

#[tokio::test]
async fn a_panic_is_plain_text_for_other_clients() {
    let (head, text) = panic_for("*/*").await;
    assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.starts_with("Something went wrong") && !text.contains(CAUSE), "{text}");
}
