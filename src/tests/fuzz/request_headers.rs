//! Headers of a request to a page, one in each line: what it accepts, whether it is a prefetch, who asks from where.

use axum::{body::Body, extract::Request};
use http::{HeaderName, HeaderValue};

use super::world::World;

pub fn target() -> impl FnMut(&[u8]) -> String {
    let world = World::start();
    move |input| {
        let request = |method: &str, path: &str| {
            let mut request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
            for line in input.split(|byte| *byte == b'\n') {
                let mut parts = line.splitn(2, |byte| *byte == b':');
                let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
                let value = parts.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
                if let Some((name, value)) = name.zip(value) {
                    request.headers_mut().append(name, value);
                }
            }
            request
        };
        let requests = [("GET", "/login"), ("GET", "/account"), ("POST", "/api/stay"), ("GET", "/robots.txt")];
        let statuses = requests.map(|(method, path)| world.send(request(method, path)).as_u16());
        format!("{statuses:?}")
    }
}
