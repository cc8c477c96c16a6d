//! A page as a browser understands it.

use scraper::{Html, node::Node};

/// In place of what a person typed.
pub const HARMLESS: &str = "Zephyrine";

/// A node of a page, in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Element { name: String, depth: usize },
    Attribute { name: String, value: String },
    Text(String),
    Other(String),
}

/// All nodes of a page, but for which rule a field breaks: a payload breaks another one than a harmless word.
pub fn outline(html: &str) -> Vec<Part> {
    let document = Html::parse_document(html);
    let mut parts = Vec::new();
    for node in document.tree.root().descendants() {
        match node.value() {
            Node::Element(element) => {
                let (name, depth) = (element.name().to_owned(), node.ancestors().count());
                parts.push(Part::Element { name, depth });
                let mut attributes: Vec<_> = element.attrs().collect();
                attributes.sort_unstable();
                attributes.retain(|(name, _)| !["hidden", "aria-invalid"].contains(name));
                parts.extend(attributes.into_iter().map(|(name, value)| {
                    assert_is_json_if_of_island(name, value);
                    Part::Attribute { name: name.to_owned(), value: value.to_owned() }
                }));
            }
            Node::Text(_) | Node::Comment(_) if is_error(node.parent().map(|element| element.value())) => {}
            Node::Text(text) => parts.push(Part::Text(text.to_string())),
            other => parts.push(Part::Other(format!("{other:?}"))),
        }
    }
    parts
}

fn is_error(element: Option<&Node>) -> bool {
    element
        .and_then(Node::as_element)
        .and_then(|element| element.attr("class"))
        .is_some_and(|class| class == "field-error")
}

fn assert_is_json_if_of_island(name: &str, value: &str) {
    if name == "data-props" {
        serde_json::from_str::<serde_json::Value>(value).expect("the properties of an island are JSON");
    }
}

/// A page of which this text is a part instead of the harmless one.
pub fn with_payload(page: &[Part], payload: &str) -> Vec<Part> {
    // What the HTML standard does to line breaks and NUL, whatever wrote them.
    let lines = payload.replace("\r\n", "\n").replace('\r', "\n");
    let (in_text, in_attribute) = (lines.replace('\0', ""), lines.replace('\0', "\u{fffd}"));
    let encoded = percent_encoded(payload);
    let put = |part: &Part| match part {
        Part::Text(text) => Part::Text(text.replace(HARMLESS, &in_text)),
        Part::Attribute { name, value } => {
            let payload = if name == "href" { &encoded } else { &in_attribute };
            Part::Attribute { name: name.clone(), value: value.replace(HARMLESS, payload) }
        }
        other => other.clone(),
    };
    // A text of nothing is no node.
    page.iter().map(put).filter(|part| *part != Part::Text(String::new())).collect()
}

/// As in the query of a return address.
pub fn percent_encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Asserts that two pages are the same; the message names the first difference.
#[track_caller]
pub fn assert_same(page: &[Part], expected: &[Part], payload: &str) {
    let same = page.iter().zip(expected).take_while(|(part, expected)| part == expected).count();
    assert!(
        same == page.len().max(expected.len()),
        "{payload:?}: {:?} in place of {:?}",
        &page[same..page.len().min(same + 3)],
        &expected[same..expected.len().min(same + 3)]
    );
}
