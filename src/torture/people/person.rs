//! A simulated person: does one thing after the other, on up to three devices, and judges what the site says.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rand::{RngExt, rngs::StdRng};
use tokio::time::sleep;

use super::{
    account::Account,
    habits::Deed,
    world::{Form, World},
};
use crate::{
    answer::{Answer, Page},
    client::Exchange,
    violations::Rule,
};

const MAX_DEVICES: usize = 3;
pub const PAGES: [&str; 5] = ["/", "/account", "/account/security", "/account/sessions", "/account/activity"];

#[derive(Debug)]
pub struct Person {
    pub account: Account,
    pub devices: Vec<Device>,
    pub random: StdRng,
    /// How many sessions were lost to a change that was not acknowledged.
    pub lost_in_doubt: u64,
    pub name: String,
}

/// A device that is signed in.
#[derive(Clone, Debug)]
pub struct Device {
    pub cookie: String,
    /// When the request began that the cookie comes from.
    pub since: Instant,
    /// The change that was not acknowledged, and may have ended the session.
    pub doubt: Option<String>,
    /// The handle of its session, once it was seen.
    pub handle: Option<String>,
}

impl Person {
    pub fn new(number: u64, random: StdRng) -> Self {
        let (account, name) = (Account::new(number), format!("person {number}"));
        Self { account, devices: Vec::new(), random, lost_in_doubt: 0, name }
    }

    /// Lives until the world stops.
    pub async fn live(mut self, world: Arc<World>) -> Self {
        while !world.stop.is_cancelled() {
            self.act(&world).await;
            let thinking = self.random.random_range(world.habits.thinking.clone());
            sleep(Duration::from_millis(thinking)).await;
        }
        self
    }

    async fn act(&mut self, world: &World) {
        let must_find_password =
            !self.account.is_password_certain() && world.timeline.is_settled(Instant::now());
        let Some(device) = self.any_device().filter(|_| !must_find_password) else {
            return self.sign_in(world).await;
        };
        match world.habits.choose(&mut self.random) {
            Deed::Rename => self.rename(world, &device).await,
            Deed::RenameWhileReading => self.rename_while_reading(world, &device).await,
            Deed::LookFromOutside => self.look_from_outside(world).await,
            Deed::SignIn if self.devices.len() < MAX_DEVICES => self.sign_in(world).await,
            Deed::SignInAgain => self.sign_in_again(world, &device).await,
            Deed::SignOut => self.sign_out(world, &device).await,
            Deed::EndOthers => self.end_others(world, &device).await,
            Deed::EndAnother => self.end_another(world, &device).await,
            Deed::Confirm => self.confirm(world, &device).await,
            Deed::ChangePassword => self.change_password(world, &device).await,
            Deed::EndWhileAnotherConfirms => self.end_while_another_confirms(world, &device).await,
            Deed::Register => self.bring_someone(world).await,
            Deed::SignIn | Deed::Read => self.read(world, &device).await,
        }
    }

    async fn read(&mut self, world: &World, device: &Device) {
        let path = self.any_page();
        let known = self.account.known_name();
        let (exchange, answer) = world.open(path, Some(&device.cookie), &self.name).await;
        self.judge_page(world, device, &exchange, &answer, known);
    }

    /// The page to sign in needs no store, so it is there even if they are not.
    async fn look_from_outside(&mut self, world: &World) {
        let (exchange, answer) = world.open("/login", None, &self.name).await;
        if exchange.response().is_some_and(|response| response.status == 503) || answer == Answer::SignedOut {
            world.violate(Rule::ERRORS, "a public page is not shown", &exchange);
        }
    }

    async fn rename(&mut self, world: &World, device: &Device) {
        let name = self.account.next_name();
        let fields = [("name", name.as_str())];
        let (exchange, answer) = self.post(world, "/api/rename", Some(device), &fields).await;
        if self.is_done(world, device, &exchange, &answer) {
            self.account.name_was_acknowledged();
        }
    }

    async fn rename_while_reading(&mut self, world: &World, device: &Device) {
        let (path, known, name) = (self.any_page(), self.account.known_name(), self.name.clone());
        let reading = world.open(path, Some(&device.cookie), &name);
        let renaming = self.rename(world, device);
        let ((exchange, answer), ()) = tokio::join!(reading, renaming);
        self.judge_page(world, device, &exchange, &answer, known);
    }

    fn judge_page(
        &mut self,
        world: &World,
        device: &Device,
        exchange: &Exchange,
        answer: &Answer,
        known: u64,
    ) {
        match answer {
            Answer::SignedIn(page) => self.saw(world, device, exchange, page, known),
            Answer::SignedOut => self.was_signed_out(world, device, exchange),
            Answer::Failed(_) => {}
            Answer::Public | Answer::Accepted | Answer::Rejected => {
                world.violate(Rule::ERRORS, "it is another page", exchange);
            }
        }
    }

    fn saw(&mut self, world: &World, device: &Device, exchange: &Exchange, page: &Page, known: u64) {
        if page.email != self.account.email {
            world.violate(Rule::ERRORS, "it is a page of another account", exchange);
        }
        if exchange.new_cookie().is_some_and(|cookie| cookie != device.cookie) {
            world.violate(Rule::SESSIONS, "a page sets another cookie", exchange);
        }
        if let Err(problem) = self.account.check_name(&page.name, known) {
            world.violate(Rule::WRITES, &problem, exchange);
        }
        if let Some(device) = self.devices.iter_mut().find(|other| other.cookie == device.cookie) {
            device.handle = Some(page.session.clone());
            if world.timeline.is_settled(exchange.began) {
                device.doubt = None;
            }
        }
    }

    /// Posts a form on a device, or on one that is not signed in.
    pub async fn post(
        &mut self,
        world: &World,
        path: &str,
        device: Option<&Device>,
        fields: &[(&str, &str)],
    ) -> (Exchange, Answer) {
        let cookie = device.map(|device| device.cookie.as_str());
        let by_script = self.random.random();
        world.post(Form { path, cookie, fields, by_script, by: &self.name }).await
    }

    /// Whether a form of someone who is signed in was accepted. Otherwise it may have done its work, or not.
    pub fn is_done(&mut self, world: &World, device: &Device, exchange: &Exchange, answer: &Answer) -> bool {
        match answer {
            Answer::Accepted => return true,
            Answer::SignedOut => self.was_signed_out(world, device, exchange),
            Answer::Failed(_) => {}
            _ => world.violate(Rule::ERRORS, "the form is not accepted", exchange),
        }
        false
    }

    fn any_device(&mut self) -> Option<Device> {
        let count = self.devices.len();
        (count > 0).then(|| self.devices[self.random.random_range(0..count)].clone())
    }

    fn any_page(&mut self) -> &'static str {
        PAGES[self.random.random_range(0..PAGES.len())]
    }
}
