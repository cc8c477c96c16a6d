//! What a hostile person types.

/// Texts that break out of HTML, attributes, JSON or lines of a log where these are put together without care.
pub fn payloads() -> Vec<String> {
    let payloads: Vec<String> =
        serde_json::from_str(include_str!("../corpora/payloads.json")).expect("an array of texts");
    assert!(payloads.len() >= 100, "only {} payloads", payloads.len());
    payloads
}
