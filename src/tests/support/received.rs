//! Mails as programs that show them read them.

use base64::{Engine, prelude::BASE64_STANDARD};

/// A mail as it was sent.
#[derive(Clone, Debug)]
pub struct Received {
    /// As the mail server was told them.
    pub sender: String,
    pub recipients: Vec<String>,
    /// Headers and body (RFC 5322).
    pub raw: String,
}

impl Received {
    /// The header of this name, which must be there once, unfolded and decoded.
    #[track_caller]
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.raw.split_once("\r\n\r\n").expect("a body");
        let values = header_values(head, name);
        assert_eq!(values.len(), 1, "{name} in {head}");
        decode_words(&values[0])
    }

    /// The names of all headers.
    pub fn header_names(&self) -> Vec<String> {
        let (head, _) = self.raw.split_once("\r\n\r\n").expect("a body");
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.split("\r\n").map(|line| line.split(':').next().unwrap_or(line).to_owned()).collect()
    }

    pub fn subject(&self) -> String {
        self.header("Subject")
    }

    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    /// The link, which stands alone in a line of the text.
    #[track_caller]
    pub fn link(&self) -> String {
        let text = self.text();
        let mut links = text.lines().filter(|line| line.starts_with("http"));
        let link = links.next().unwrap_or_else(|| panic!("no link in {text}")).to_owned();
        assert_eq!(links.next(), None, "one link in {text}");
        link
    }

    fn part(&self, kind: &str) -> String {
        let content_type = self.header("Content-Type");
        let boundary = content_type.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
        let boundary = format!("--{}", boundary.expect("a boundary"));
        let parts = self.raw.split(&boundary).filter_map(|part| part.split_once("\r\n\r\n"));
        let (head, body) = parts
            .skip(1)
            .find(|(head, _)| header_values(head, "Content-Type").iter().any(|value| value.starts_with(kind)))
            .unwrap_or_else(|| panic!("no {kind} in {}", self.raw));
        let body = body.strip_suffix("\r\n").unwrap_or(body);
        let encoding = header_values(head, "Content-Transfer-Encoding").concat();
        let bytes = match encoding.as_str() {
            "quoted-printable" => quoted_printable(body),
            "base64" => BASE64_STANDARD.decode(body.replace("\r\n", "")).expect("base64"),
            _ => body.as_bytes().to_owned(),
        };
        String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n")
    }
}

fn header_values(head: &str, name: &str) -> Vec<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let pairs = unfolded.split("\r\n").filter_map(|line| line.split_once(": "));
    pairs.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
}

/// `=?utf-8?b?…?=` (RFC 2047)
fn decode_words(value: &str) -> String {
    let joined = value.replace("?= =?utf-8?b?", "");
    let mut pieces = joined.split("=?utf-8?b?");
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (word, rest) = piece.split_once("?=").expect("the end of an encoded word");
        decoded += str::from_utf8(&BASE64_STANDARD.decode(word).expect("base64")).expect("UTF-8");
        decoded += rest;
    }
    decoded
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut pieces = text.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_owned();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two digits"));
        bytes.extend(&piece.as_bytes()[2..]);
    }
    bytes
}
