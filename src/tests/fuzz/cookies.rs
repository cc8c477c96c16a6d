//! A cookie is read only if this server has set it. `{ours}` and `{old}` in an input stand for cookies that it has.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use secrecy::SecretBox;
use vestibule::server::{sessions::SignedCookie, signing_keys::SigningKey};

const PURPOSE: &[u8] = b"fuzz";
const PAYLOAD: &[u8] = b"sixteen bytes...";

fn cookie(keys: &[u8]) -> SignedCookie {
    let keys: Arc<[SigningKey]> = keys.iter().map(|byte| SecretBox::new(Box::new([*byte; 32]))).collect();
    SignedCookie::new("id".to_owned(), true, PURPOSE, keys)
}

/// `name=value`, as a browser sends it.
fn pair(cookie: &SignedCookie) -> String {
    let line = cookie.set(PAYLOAD, None).expect("a cookie");
    line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned()
}

pub fn target() -> impl FnMut(&[u8]) -> String {
    let reader = cookie(&[1, 2]);
    let known = [("{ours}", pair(&reader)), ("{old}", pair(&cookie(&[2])))];
    move |input| {
        let mut text = input.to_vec();
        for (token, pair) in &known {
            text = replace(&text, token.as_bytes(), pair.as_bytes());
        }
        let mut headers = HeaderMap::new();
        for line in text.split(|byte| *byte == b'\n') {
            if let Ok(value) = HeaderValue::from_bytes(line) {
                headers.append(header::COOKIE, value);
            }
        }
        let read = reader.read(&headers);
        if let Some(verified) = &read {
            assert_eq!(verified.payload, PAYLOAD, "this was never signed");
            let pair = &known[usize::from(verified.old_key)].1;
            assert!(contains(&text, pair.as_bytes()), "the cookie is there, byte for byte");
        }
        format!("{:?} {}", read.map(|verified| verified.old_key), headers.len())
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn replace(text: &[u8], token: &[u8], by: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = text;
    while let Some(position) = rest.windows(token.len()).position(|window| window == token) {
        replaced.extend_from_slice(&rest[..position]);
        replaced.extend_from_slice(by);
        rest = &rest[position + token.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
