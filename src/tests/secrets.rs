//! Passwords, cookies, keys and hashes are nowhere but where they belong, even if everything is logged.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{Method, header};
use vestibule::server::{
    config::Config,
    db::{Row, Statement},
};

use crate::support::{Actor, Installation, ServerProcess, Stores, TestResponse, encode};

/// Words that occur nowhere else.
const PASSWORD: &str = "Quokka/Marimba & ünïcode 1";
const NEW_PASSWORD: &str = "Axolotl/Bassoon & ünïcode 2";
const WRONG_PASSWORD: &str = "Numbat/Celesta & ünïcode 3";
const EMAIL: &str = "marker@example.org";

/// The passwords by the words in them, which stay the same however they are encoded.
const WORDS: [&str; 6] = ["Quokka", "Marimba", "Axolotl", "Bassoon", "Numbat", "Celesta"];

/// A browser that remembers all that it was sent, apart from its cookies.
struct Witness {
    browser: Actor,
    received: String,
    cookies: Vec<String>,
}

impl Witness {
    fn note(&mut self, response: &TestResponse) {
        let shown = response.headers.iter().filter(|(name, _)| *name != header::SET_COOKIE);
        for (name, value) in shown {
            self.received += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        self.received += response.text();
        self.cookies.extend(self.browser.cookie().and_then(|pair| Some(pair.split_once('=')?.1.to_owned())));
    }

    async fn get(&mut self, path: &str) {
        let response = self.browser.get(path).await;
        self.note(&response);
    }

    /// Posts a form as a script does, then without one, and looks at the page that follows.
    async fn submit(&mut self, function: &str, fields: &[(&str, &str)]) {
        let response = self.browser.call(function, fields).await;
        self.note(&response);
        let response = self.browser.post(function, fields).await;
        self.note(&response);
        if response.headers.contains_key(header::LOCATION) {
            let next = response.location().to_owned();
            self.get(&next).await;
        }
    }

    /// What people and programs do by mistake.
    async fn send_passwords_elsewhere(&mut self) {
        let query = encode(&[("email", EMAIL), ("password", PASSWORD)]);
        for path in ["/login", "/register", "/api/sign_in", "/healthz"] {
            self.get(&format!("{path}?{query}")).await;
        }
        let bodies = [
            ("application/json", format!("{{\"email\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"}}")),
            ("multipart/form-data; boundary=x", format!("--x\r\nname=password\r\n\r\n{PASSWORD}\r\n--x--")),
            ("text/plain", PASSWORD.to_owned()),
        ];
        for (kind, body) in bodies {
            let request = self.browser.request(Method::POST, "/api/sign_in").header("accept", "text/html");
            let response = request.body(body).header("content-type", kind).send().await;
            self.note(&response);
        }
        let request = self
            .browser
            .request(Method::GET, "/login")
            .header("authorization", PASSWORD.split(' ').next().expect("a word"));
        let response = request.header("x-password", "Quokka").header("user-agent", "Marimba").send().await;
        self.note(&response);
    }
}

async fn live(browser: Actor) -> Witness {
    let mut witness = Witness { browser, received: String::new(), cookies: Vec::new() };
    let register = |name, password| [("name", name), ("email", EMAIL), ("password", password)];
    let sign_in = |password| [("email", EMAIL), ("password", password), ("next", "/account")];
    witness.submit("/api/rate_password", &[("password", PASSWORD)]).await;
    witness.submit("/api/register", &register("", PASSWORD)).await;
    witness.submit("/api/register", &register("Marker", PASSWORD)).await;
    for page in ["/", "/account", "/account/security", "/account/sessions", "/account/activity"] {
        witness.get(page).await;
    }
    witness.submit("/api/confirm", &[("password", WRONG_PASSWORD)]).await;
    witness.submit("/api/confirm", &[("password", PASSWORD)]).await;
    let change = |current, new| [("current_password", current), ("new_password", new)];
    witness.submit("/api/change_password", &change(WRONG_PASSWORD, NEW_PASSWORD)).await;
    witness.submit("/api/change_password", &change(PASSWORD, NEW_PASSWORD)).await;
    witness.submit("/api/sign_out", &[]).await;
    witness.submit("/api/sign_in", &sign_in(WRONG_PASSWORD)).await;
    witness.submit("/api/sign_in", &sign_in(NEW_PASSWORD)).await;
    witness.send_passwords_elsewhere().await;
    witness
}

/// The hash of the password, and everything that is stored but the keys.
async fn stored(installation: &Installation) -> (String, Vec<u8>) {
    let config: &Config = &installation.config;
    let db = installation.open_database().await;
    let rows = Statement::new("SELECT password_hash FROM accounts").query().fetch_all(db.reader()).await;
    let hash = rows.expect("accounts")[0].text(0).expect("a hash");
    let keys = fs::read(config.data_dir.join("secret.key")).expect("keys");
    let mut bytes = installation.stored_bytes(&db).await;
    while let Some(position) = find(&bytes, &keys) {
        bytes.drain(position..position + keys.len());
    }
    (hash, bytes)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, part)
}

#[tokio::test]
async fn no_secret_is_logged_shown_or_stored() {
    let installation = Installation::on(Stores::chosen());
    let server = ServerProcess::start(&installation.config, &[("VESTIBULE_LOG", "trace")]);
    let witness = live(Actor::at(server.address())).await;
    let (hash, stored) = stored(&installation).await;
    let (log, received) = (server.log(), &witness.received);
    assert!(log.contains("DEBUG") || log.contains("TRACE"), "everything is logged: {log}");
    assert!(received.contains("Your password has been changed") && witness.cookies.len() > 10);

    let keys = fs::read_to_string(installation.config.data_dir.join("secret.key")).expect("keys");
    let keys = keys.lines().map(str::trim).filter(|line| line.len() > 40).map(str::to_owned);
    let digest = hash.rsplit('$').next().expect("a digest").to_owned();
    let cookies = witness.cookies.iter().flat_map(|value| value.split('.')).map(str::to_owned);
    let secrets: Vec<String> = keys.chain([hash, digest]).chain(cookies).collect();
    let encoded = [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD].map(|password| BASE64_STANDARD.encode(password));
    let words = WORDS.iter().map(|word| (*word).to_owned()).chain(encoded);
    for secret in secrets.into_iter().chain(words.clone()) {
        assert!(!secret.is_empty());
        assert!(!log.contains(&secret), "{secret} is logged");
        assert!(!received.contains(&secret), "{secret} is shown");
    }
    for secret in words.chain(witness.cookies.iter().map(|value| value[..22].to_owned())) {
        // A user agent is stored as it came.
        assert!(secret == "Marimba" || find(&stored, secret.as_bytes()).is_none(), "{secret} is stored");
    }
}
