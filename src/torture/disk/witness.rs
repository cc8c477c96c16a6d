//! Someone who looks closely at what the site says while it cannot write.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use http::StatusCode;
use tokio::time::sleep;
use vestibule::words;

use crate::{
    Failure,
    answer::{Answer, Failure as Refusal},
    client::Exchange,
    people::world::World,
    violations::Rule,
    visitor::Visitor,
};

pub const CLEAR: Rule =
    Rule("Without writing, pages are shown within 3 s, and forms are refused with 503 in words");

const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 200, 0, 1);
const EMAIL: &str = "witness@example.org";
const PASSWORD: &str = "violet anchor seldom";
const MAX_LATENCY: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub struct Witness {
    browser: Visitor,
    is_signed_in: bool,
}

impl Witness {
    /// # Errors
    /// If that does not work: nothing is disturbed yet.
    pub async fn register(world: &World) -> Result<Self, Failure> {
        let mut browser = Visitor::new(world.entrance, ADDRESS);
        let fields = [("name", "Witness"), ("email", EMAIL), ("password", PASSWORD)];
        let exchange = browser.post("/api/register", &fields).await;
        match Answer::to_form(&exchange, "/") {
            Answer::Accepted => Ok(Self { browser, is_signed_in: true }),
            _ => Err(exchange.describe().into()),
        }
    }

    /// What little room is left on a disk may still be written, so forms are posted until one is refused.
    pub async fn look(&mut self, world: &World, end: Instant) {
        let mut refused = None;
        for number in 0.. {
            if Instant::now() >= end || refused.is_some() {
                break;
            }
            let name = format!("Witness {number}");
            let exchange = self.browser.submit("/api/rename", &[("name", &name)]).await;
            match Answer::to_form(&exchange, "/account") {
                Answer::Accepted => {}
                Answer::Failed(Refusal::Unavailable) => refused = Some(exchange),
                _ => return world.violate(CLEAR, "it is neither accepted nor refused", &exchange),
            }
            sleep(PAUSE).await;
        }
        match refused {
            None => world.violate_because(CLEAR, "nothing was refused, so there was no trouble"),
            Some(exchange) => judge_refusal(world, &exchange),
        }
        self.pages_are_shown(world).await;
        self.signs_out(world).await;
    }

    /// Either nothing happens, or it is over.
    async fn signs_out(&mut self, world: &World) {
        let mut copy = self.browser.copy(ADDRESS);
        let exchange = self.browser.submit("/api/sign_out", &[]).await;
        match Answer::to_form(&exchange, "/login") {
            Answer::Failed(Refusal::Unavailable) => {
                judge_refusal(world, &exchange);
                self.pages_are_shown(world).await;
            }
            Answer::Accepted => {
                self.is_signed_in = false;
                let exchange = copy.open("/account").await;
                if Answer::to_page(&exchange) != Answer::SignedOut {
                    world.violate(Rule::ENDINGS, "an ended session is accepted", &exchange);
                }
            }
            _ => world.violate(CLEAR, "signing out is neither done nor refused", &exchange),
        }
    }

    /// It works again.
    pub async fn is_back(&mut self, world: &World) {
        if !self.is_signed_in {
            let exchange =
                self.browser.post("/api/sign_in", &[("email", EMAIL), ("password", PASSWORD)]).await;
            self.is_signed_in = Answer::to_form(&exchange, "/") == Answer::Accepted;
        }
        let exchange = self.browser.submit("/api/rename", &[("name", "Witness")]).await;
        if Answer::to_form(&exchange, "/account") != Answer::Accepted {
            world.violate(Rule::RECOVERY, "a change is not accepted", &exchange);
        }
    }

    async fn pages_are_shown(&mut self, world: &World) {
        for path in ["/account", "/account/sessions", "/account/activity"] {
            let exchange = self.browser.open(path).await;
            let is_shown = matches!(Answer::to_page(&exchange), Answer::SignedIn(_));
            if !is_shown || exchange.latency() > MAX_LATENCY {
                world.violate(CLEAR, "a page is not shown, or late", &exchange);
            }
        }
        let mut stranger = Visitor::new(world.entrance, ADDRESS);
        let exchange = stranger.open("/login").await;
        if Answer::to_page(&exchange) != Answer::Public {
            world.violate(CLEAR, "the page to sign in is not shown", &exchange);
        }
    }
}

fn judge_refusal(world: &World, exchange: &Exchange) {
    let (heading, text) = words::error_page(StatusCode::SERVICE_UNAVAILABLE.as_u16());
    let is_clear = exchange.response().is_some_and(|response| {
        response.body.contains(heading)
            && response.body.contains(text)
            && !response.header("retry-after").is_empty()
            // What was typed may be kept; the session stays as it is.
            && (response.header("set-cookie").is_empty() || response.header("set-cookie").starts_with("form_"))
    });
    if !is_clear {
        world.violate(CLEAR, "the refusal is not clear", exchange);
    }
}
