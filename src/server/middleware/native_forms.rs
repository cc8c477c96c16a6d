//! Forms that a browser posts by itself, without the page's script.

use axum::{extract::Request, http::Method, middleware::Next, response::Response};

use crate::server::{request::NativeForm, respond::accepts_html};

/// Marks them, so that what follows answers with a page and not with a value.
pub async fn mark(mut request: Request, next: Next) -> Response {
    if request.method() == Method::POST && accepts_html(request.headers()) {
        request.extensions_mut().insert(NativeForm::default());
    }
    next.run(request).await
}
