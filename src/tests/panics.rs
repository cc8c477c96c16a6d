//! A fault of the program shows as a page in the app's look, and never tells its cause.

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

const CAUSE: &str = "the cause that nobody may read";

/// Asks a route that panics, behind the stack that every route stands behind.
async fn panic_for(accept: &str) -> (Response<()>, String) {
    async fn broken() {
        panic!("{CAUSE}");
    }
    let app = TestApp::start().await;
    let routes = Router::new().route("/broken", get(broken));
    let router = middleware::stack(&app.state, Router::new(), routes);
    let request = Request::get("/broken").header(header::ACCEPT, accept).body(Body::empty());
    let answer = router.oneshot(request.expect("a request")).await.expect("a response");
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole body");
    (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn a_panic_is_a_page_in_the_look_of_the_app() {
    let (head, page) = panic_for("text/html").await;
    assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.contains("Something went wrong") && page.contains("Vestibule"), "{page}");
    assert!(!page.contains(CAUSE), "{page}");
    let reference = head.headers()["x-request-id"].to_str().expect("text");
    assert!(page.contains(reference), "what a person quotes is what the log says");
    assert!(head.headers().contains_key(header::CONTENT_SECURITY_POLICY));
}

#[tokio::test]
async fn a_panic_is_a_sentence_to_everybody_else() {
    let (head, text) = panic_for("*/*").await;
    assert_eq!(head.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.starts_with("Something went wrong") && !text.contains(CAUSE), "{text}");
}
