//! Calls server functions with `fetch`, with the same body as a native form.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response, UrlSearchParams};

use super::JsJson;
use crate::{
    model::{AppError, FromJson},
    words,
};

/// Request timeout in milliseconds, longer than the server's own timeouts.
const REQUEST_TIMEOUT: i32 = 40_000;

/// Why a call has no usable response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostError {
    /// The server returned an error, or could not be reached.
    App(AppError),
    /// The response could not be understood, so the request may have succeeded.
    UnexpectedResponse,
}

impl PostError {
    /// The message to show.
    pub fn message(self) -> String {
        match self {
            Self::App(error) => words::error(error),
            Self::UnexpectedResponse => words::UNKNOWN_ANSWER.to_owned(),
        }
    }
}

/// Posts fields to a server function and parses its response.
///
/// # Errors
/// If the server cannot be reached, returns an error, or the response does not parse. Of an error from a
/// proxy, only the status is used.
pub async fn post<T: FromJson>(path: &str, body: &UrlSearchParams) -> Result<T, PostError> {
    T::from_json(&post_for_json(path, body).await?).ok_or(PostError::UnexpectedResponse)
}

/// Like [`post`], but returns the JSON.
///
/// # Errors
/// If the server cannot be reached, returns an error, or the response is not JSON.
pub async fn post_for_json(path: &str, body: &UrlSearchParams) -> Result<JsJson, PostError> {
    let unreachable = |_| PostError::App(AppError::Unreachable);
    let (status, text) = fetch(path, body).await.map_err(unreachable)?;
    let json = JsJson::parse(&text);
    if (200..300).contains(&status) {
        json.ok_or(PostError::UnexpectedResponse)
    } else {
        let error = json.and_then(|json| AppError::from_json(&json));
        Err(PostError::App(error.unwrap_or_else(|| AppError::of_status(status))))
    }
}

async fn fetch(path: &str, body: &UrlSearchParams) -> Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "application/json")?;
    let timeout = AbortController::new()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(body);
    init.set_signal(Some(&timeout.signal()));
    let abort = Closure::once(move || timeout.abort()); // lives as long as this future
    let timer = window().set_timeout_with_callback_and_timeout_and_arguments_0(
        abort.as_ref().unchecked_ref(),
        REQUEST_TIMEOUT,
    )?;
    let response = async {
        let response: Response =
            JsFuture::from(window().fetch_with_str_and_init(path, &init)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok((response.status(), text.as_string().unwrap_or_default()))
    };
    let response = response.await;
    window().clear_timeout_with_handle(timer);
    response
}

/// A body without fields.
pub fn empty() -> Option<UrlSearchParams> {
    UrlSearchParams::new().ok()
}
