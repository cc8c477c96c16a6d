//! Calls server functions.

use std::{error::Error, iter, mem};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::LengthLimitError;
use leptos::{
    prelude::{Owner, provide_context},
    reactive::computed::ScopedFuture,
    server_fn::{self, error::SERVER_FN_ERROR_HEADER},
};
use zeroize::Zeroizing;

use super::{
    middleware::NativeForm,
    post_redirect_get::{NativePost, error_of, keeps_cookies, redirect},
    responses::fault,
    state::HttpState,
};
use crate::{access::Function, model::AppError};

/// Maximum length of a fault, in bytes.
const MAX_FAULT: usize = 1024;

/// How much room is made for a body before it arrives, in bytes.
const MAX_RESERVED: usize = 16 * 1024;

/// All server functions; one that is not called by POST has no route, and a test says so.
pub fn paths() -> impl Iterator<Item = &'static str> {
    server_fn::axum::server_fn_paths().filter(|(_, method)| *method == Method::POST).map(|(path, _)| path)
}

/// Calls the server function at the path of a request. A fault gets the status that belongs to it, where
/// Leptos has one for all.
pub async fn call(State(state): State<HttpState>, request: Request) -> Response {
    let is_native_form = request.extensions().get::<NativeForm>().is_some();
    let Some(function) = request.extensions().get::<Function>().copied() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, body) = request.into_parts();
    let keeps_cookies = keeps_cookies(&state, &parts.headers);
    let body = match collect(body).await {
        Ok(body) => body,
        Err(error) => return fault(error),
    };
    let answer = run(Request::from_parts(parts, Body::from(body.clone()))).await;
    if is_native_form {
        redirect(&state, NativePost { function, body: &body, keeps_cookies }, answer).await
    } else if answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        fault(error_of(&to_bytes(answer.into_body(), MAX_FAULT).await.unwrap_or_default()))
    } else {
        answer
    }
}

/// The whole body, in memory that is wiped after its last use: it may hold a password.
///
/// Not everything that has held it can be: hyper reuses the buffer that it reads connections into, and the decoder of
/// Leptos makes a copy of the body, which is freed when the arguments are read.
async fn collect(body: Body) -> Result<Bytes, AppError> {
    let length = usize::try_from(body.size_hint().lower()).unwrap_or_default();
    let mut collected = Zeroizing::new(Vec::with_capacity(length.min(MAX_RESERVED)));
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| unread(&error))?;
        if collected.len() + part.len() > collected.capacity() {
            // A vector that grows by itself leaves a copy behind.
            let room = (collected.len() + part.len()) * 2;
            let shorter = mem::replace(&mut collected, Zeroizing::new(Vec::with_capacity(room)));
            collected.extend_from_slice(&shorter);
        }
        collected.extend_from_slice(&part);
    }
    Ok(Bytes::from_owner(collected))
}

/// Why a body could not be read: it is too large, or has broken off.
fn unread(error: &(dyn Error + 'static)) -> AppError {
    let mut causes = iter::successors(Some(error), |error| (*error).source());
    if causes.any(|cause| cause.is::<LengthLimitError>()) { AppError::TooLarge } else { AppError::BadRequest }
}

async fn run(mut request: Request) -> Response {
    let service = server_fn::axum::get_server_fn_service(request.uri().path(), Method::POST);
    let Some(mut service) = service else { return StatusCode::NOT_FOUND.into_response() };
    // To Leptos it is always a script that asks. It would answer a form by sending it back to the
    // `Referer`, with the error as text in the query.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(header::REFERER);
    let (parts, body) = request.into_parts();
    let owner = Owner::new_root(None);
    let calling = owner.with(|| {
        provide_context(parts.clone());
        ScopedFuture::new(async move { service.run(Request::from_parts(parts, body)).await })
    });
    let answer = calling.await;
    owner.unset_with_forced_cleanup();
    answer
}
