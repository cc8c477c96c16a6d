//! The clock of a server steps an hour forwards and back while people use it; then it runs fast, and is set back.

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vestibule::server::{
    config::Config,
    domain::{Clock, Timestamp},
    startup::Application,
    system::{SystemClock, SystemEntropy},
};

use crate::{
    Failure,
    answer::Answer,
    client::Target,
    scenario::{Run, public_url},
    servers::free_port,
    violations::Rule,
    visitor::Visitor,
};

pub const LIFETIME: Rule = Rule("A session lives as long as it may, and no longer, whatever the clock does");

const PASSWORD: &str = "violet anchor seldom";
const PEOPLE: u8 = 6;
const HOUR: i64 = 60 * 60 * 1000;
const MINUTE: i64 = 60 * 1000;
/// How the clock steps, in hours.
const STEPS: [i64; 6] = [1, -1, -1, 1, 1, -1];
/// How long people look at pages after each step.
const AFTER_STEP: Duration = Duration::from_millis(300);
const REQUESTS: usize = 3;

/// The clock of this machine, but for what is added.
#[derive(Debug, Default)]
struct SteppedClock {
    added: AtomicI64,
}

impl SteppedClock {
    fn step(&self, millis: i64) {
        self.added.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().millis() + self.added.load(Ordering::SeqCst))
    }
}

/// # Errors
/// If the application does not start.
pub async fn run(run: &Run) -> Result<(), Failure> {
    let port = free_port();
    let clock = Arc::new(SteppedClock::default());
    let application = Application::build(config(run, port)?, clock.clone(), Arc::new(SystemEntropy)).await?;
    let stop = CancellationToken::new();
    let running = tokio::spawn(application.run(stop.clone()));
    let target = Target { name: "a server with another clock", port };

    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(register(target, number).await?);
    }
    for step in STEPS {
        clock.step(step * HOUR);
        run.say(&format!("the clock has stepped by {step} h"));
        are_signed_in(run, &mut people).await;
    }
    // One who signs in while the clock is ahead, and one who has signed out.
    clock.step(HOUR);
    people.push(register(target, PEOPLE).await?);
    let mut signed_out = register(target, PEOPLE + 1).await?;
    let copy = signed_out.copy(Ipv4Addr::new(10, 201, 1, 0));
    signed_out.post("/api/sign_out", &[]).await;
    clock.step(-HOUR);
    are_signed_in(run, &mut people).await;

    run.say("the clock runs on for a day, while people look at pages");
    for _ in 0..4 {
        clock.step(6 * HOUR - 20 * MINUTE); // used while the clock was an hour behind, they last until an hour earlier
        are_signed_in(run, &mut people).await;
    }
    clock.step(2 * HOUR + 30 * MINUTE);
    people.push(copy);
    are_signed_out(run, &mut people).await;
    run.say("the sessions have ended; the clock is set back by 12 h");
    clock.step(-12 * HOUR);
    are_signed_out(run, &mut people).await;
    stop.cancel();
    running.await?;
    Ok(())
}

fn config(run: &Run, port: u16) -> Result<Config, Failure> {
    let environment = [
        ("VESTIBULE_PUBLIC_URL", public_url(port)),
        ("VESTIBULE_HTTP__LISTEN", format!("127.0.0.1:{port}")),
        ("VESTIBULE_HTTP__SITE_ROOT", run.site.display().to_string()),
        ("VESTIBULE_HTTP__TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("VESTIBULE_DATA_DIR", run.folder.join("clock").display().to_string()),
    ];
    let environment: HashMap<_, _> =
        environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Config::load(None, environment)?)
}

async fn register(target: Target, number: u8) -> Result<Visitor, Failure> {
    let mut visitor = Visitor::new(target, Ipv4Addr::new(10, 201, 0, number));
    let email = format!("person{number}@example.org");
    let fields = [("name", "Someone"), ("email", &email), ("password", PASSWORD)];
    let exchange = visitor.post("/api/register", &fields).await;
    match Answer::to_form(&exchange, "/") {
        Answer::Accepted => Ok(visitor),
        _ => Err(exchange.describe().into()),
    }
}

/// They see their pages, and may change their names.
async fn are_signed_in(run: &Run, people: &mut [Visitor]) {
    for _ in 0..REQUESTS {
        for person in people.iter_mut() {
            let page = person.open("/account").await;
            if !matches!(Answer::to_page(&page), Answer::SignedIn(_)) {
                run.violations.add(LIFETIME, &format!("the session should live: {}", page.describe()));
            }
            let change = person.post("/api/rename", &[("name", "Someone else")]).await;
            if Answer::to_form(&change, "/account") != Answer::Accepted {
                run.violations.add(LIFETIME, &format!("the session should live: {}", change.describe()));
            }
        }
        sleep(AFTER_STEP / 3).await;
    }
}

/// They have to sign in.
async fn are_signed_out(run: &Run, people: &mut [Visitor]) {
    for person in people {
        let exchange = person.open("/account").await;
        if Answer::to_page(&exchange) != Answer::SignedOut {
            run.violations.add(LIFETIME, &format!("the session should be over: {}", exchange.describe()));
        }
    }
}
