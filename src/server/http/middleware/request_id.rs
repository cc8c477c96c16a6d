//! A name for each request, in every log line about it and in the response.

use std::sync::Arc;

use axum::extract::Request;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderName, HeaderValue};
use tower_http::request_id::{MakeRequestId, RequestId};

use crate::server::domain::{Entropy, random};

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Makes ids of 72 random bits, base64url.
#[derive(Clone, Debug)]
pub struct RequestIds {
    entropy: Arc<dyn Entropy>,
}

impl RequestIds {
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy }
    }
}

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        let id = BASE64_URL_SAFE_NO_PAD.encode(random::<9>(&*self.entropy));
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}

/// Drops the id that a client has sent: it could forge log lines, or make two requests look like one.
pub fn drop_foreign(mut request: Request) -> Request {
    request.headers_mut().remove(HEADER);
    request
}
