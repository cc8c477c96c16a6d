//! Bodies of forms. The first line of an input is the path of a server function and the kind of answer that is
//! asked for; the rest is the body.

use axum::{body::Body, extract::Request};
use http::{HeaderValue, Uri, header};

use super::world::World;

pub fn target() -> impl FnMut(&[u8]) -> String {
    let world = World::start();
    move |input| {
        let mut parts = input.splitn(2, |byte| *byte == b'\n');
        let (head, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let head = String::from_utf8_lossy(head);
        let (path, accept) = head.split_once(' ').unwrap_or((&head, "text/html"));
        let (Ok(uri), Ok(accept)) = (path.parse::<Uri>(), HeaderValue::from_str(accept)) else {
            return "no request".to_owned();
        };
        let request = Request::post(uri)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_vec()));
        let status = world.send(request.expect("a request"));
        format!("{path} {status}")
    }
}
