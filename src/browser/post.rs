//! Calling server functions: the same body to the same address as a form would post, by `fetch`.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response, UrlSearchParams};

use super::JsJson;
use crate::{
    model::{AppError, FromJson},
    words,
};

/// After this long, in milliseconds, an answer is no longer waited for. The server's own limits are
/// shorter, so it is the network that hangs.
const TIMEOUT: i32 = 40_000;

/// Why there is no answer to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server refused or failed, or could not be reached.
    Error(AppError),
    /// It answered something that this version does not understand, so it may have done what was asked.
    UnknownAnswer,
}

impl Fault {
    /// A sentence for the person in front of the page.
    pub fn words(self) -> &'static str {
        match self {
            Self::Error(error) => words::error(error),
            Self::UnknownAnswer => words::UNKNOWN_ANSWER,
        }
    }
}

/// Posts fields to a server function and reads its answer.
///
/// # Errors
/// Anything but an answer of the expected form. Whatever a proxy says in place of the server counts by
/// its status alone.
pub async fn post<T: FromJson>(path: &str, body: &UrlSearchParams) -> Result<T, Fault> {
    T::from_json(&post_for_json(path, body).await?).ok_or(Fault::UnknownAnswer)
}

/// The same, for an answer that is read later.
///
/// # Errors
/// Anything but JSON that the server answers with success.
pub async fn post_for_json(path: &str, body: &UrlSearchParams) -> Result<JsJson, Fault> {
    let unreachable = |_| Fault::Error(AppError::Unreachable);
    let (status, text) = fetch(path, body).await.map_err(unreachable)?;
    let json = JsJson::parse(&text);
    if (200..300).contains(&status) {
        json.ok_or(Fault::UnknownAnswer)
    } else {
        let error = json.and_then(|json| AppError::from_json(&json));
        Err(Fault::Error(error.unwrap_or_else(|| AppError::of_status(status))))
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
    let abort = Closure::once(move || timeout.abort()); // dropped with this future
    let timer = window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(abort.as_ref().unchecked_ref(), TIMEOUT)?;
    let answer = async {
        let response: Response =
            JsFuture::from(window().fetch_with_str_and_init(path, &init)).await?.dyn_into()?;
        let text = JsFuture::from(response.text()?).await?;
        Ok((response.status(), text.as_string().unwrap_or_default()))
    };
    let answer = answer.await;
    window().clear_timeout_with_handle(timer);
    answer
}

/// A body without fields.
pub fn empty() -> Option<UrlSearchParams> {
    UrlSearchParams::new().ok()
}
