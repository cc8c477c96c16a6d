//! What a person needs the password for. All of it gives the session a new id.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use super::{
    person::{Device, Person},
    world::World,
};
use crate::{Failure, answer::Answer, client::Exchange, violations::Rule};

/// How often signing in is tried in the end. Each wrong password among the possible ones costs an attempt.
const MAX_ATTEMPTS: usize = 10;
const BACKOFF: Duration = Duration::from_secs(1);

impl Person {
    /// # Errors
    /// If the account is not created.
    pub async fn register(&mut self, world: &World) -> Result<(), Failure> {
        let (name, email) = (self.account.last_name(), self.account.email.clone());
        let password = self.account.password().to_owned();
        let fields = [("name", name.as_str()), ("email", &email), ("password", &password)];
        let (exchange, answer) = self.post(world, "/api/register", None, &fields).await;
        if answer != Answer::Accepted {
            return Err(exchange.describe().into());
        }
        self.add_device(world, &exchange);
        Ok(())
    }

    /// Someone else registers, and perhaps signs out at once. If the site has not acknowledged it, they go away.
    pub async fn bring_someone(&mut self, world: &World) {
        let mut other = Person::new(world.next_number(), StdRng::seed_from_u64(self.random.random()));
        if other.register(world).await.is_err() {
            return;
        }
        if let (true, Some(device)) = (self.random.random(), other.devices.first().cloned()) {
            other.sign_out(world, &device).await;
        }
        world.add_newcomer(other);
    }

    /// Signs in with the password that must be right; or else with one of those that may be.
    pub async fn must_be_able_to_sign_in(&mut self, world: &World) {
        for _ in 0..MAX_ATTEMPTS {
            let (_, answer) = self.post_credentials(world, None).await;
            match answer {
                Answer::Accepted => return,
                Answer::Rejected => {}
                _ => sleep(BACKOFF).await,
            }
        }
        world.violate_because(Rule::WRITES, &format!("{} cannot sign in", self.name));
    }

    /// Signs in on one more device.
    pub async fn sign_in(&mut self, world: &World) {
        let (exchange, answer) = self.post_credentials(world, None).await;
        if answer == Answer::Accepted {
            self.add_device(world, &exchange);
        }
    }

    /// Signs in on a device that is signed in already: its session before is over.
    pub async fn sign_in_again(&mut self, world: &World, device: &Device) {
        let (exchange, answer) = self.post_credentials(world, Some(device)).await;
        let device = Device { handle: None, ..device.clone() }; // the next session has another
        self.rotate(world, &device, &exchange, answer == Answer::Accepted, "replaced at sign-in").await;
    }

    async fn post_credentials(&mut self, world: &World, device: Option<&Device>) -> (Exchange, Answer) {
        let (email, password) = (self.account.email.clone(), self.account.password().to_owned());
        let mut fields = vec![("email", email.as_str()), ("password", &password)];
        if self.random.random() {
            fields.push(("remember", "on"));
        }
        let (exchange, answer) = self.post(world, "/api/sign_in", device, &fields).await;
        self.learn_password(world, &exchange, &answer);
        (exchange, answer)
    }

    /// What the answer says about the password.
    fn learn_password(&mut self, world: &World, exchange: &Exchange, answer: &Answer) {
        let is_settled = world.timeline.is_settled(exchange.began);
        match answer {
            Answer::Accepted if is_settled => self.account.password_is_right(),
            Answer::Rejected if is_settled || self.account.is_password_certain() => {
                if !self.account.password_is_wrong() {
                    world.violate(Rule::WRITES, "the password is refused", exchange);
                }
            }
            Answer::Rejected => self.account.password_was_refused(),
            Answer::Accepted | Answer::Failed(_) => {}
            _ => world.violate(Rule::ERRORS, "it is no answer to a sign-in", exchange),
        }
    }

    /// Step-up.
    pub async fn confirm(&mut self, world: &World, device: &Device) {
        if !self.account.is_password_certain() {
            return;
        }
        let password = self.account.password().to_owned();
        let fields = [("password", password.as_str())];
        let (exchange, answer) = self.post(world, "/api/confirm", Some(device), &fields).await;
        let is_done = self.is_done(world, device, &exchange, &answer);
        self.rotate(world, device, &exchange, is_done, "replaced at step-up").await;
    }

    pub async fn change_password(&mut self, world: &World, device: &Device) {
        if !self.account.is_password_certain() {
            return;
        }
        let (old, new) = (self.account.password().to_owned(), self.account.next_password());
        let fields = [("current_password", old.as_str()), ("new_password", &new)];
        let (exchange, answer) = self.post(world, "/api/change_password", Some(device), &fields).await;
        let others = self.others(device);
        let is_done = self.is_done(world, device, &exchange, &answer);
        if is_done {
            self.account.password_was_acknowledged(new);
        } else {
            // Even if it says that no one is signed in: that may be about what followed the change.
            self.account.password_may_have_changed(new);
            self.may_have_ended(&exchange, |_| true);
        }
        self.rotate(world, device, &exchange, is_done, "replaced at a password change").await;
        if is_done {
            self.have_ended(world, &others, "ended by a password change").await;
        }
    }

    /// A device may have got a new cookie. If that was acknowledged, the old one is over.
    async fn rotate(
        &mut self,
        world: &World,
        device: &Device,
        exchange: &Exchange,
        is_done: bool,
        how: &'static str,
    ) {
        if !is_done {
            self.may_have_ended(exchange, |other| other.cookie == device.cookie);
        }
        let new = exchange.new_cookie().filter(|cookie| *cookie != device.cookie);
        match new {
            Some(cookie) => {
                self.devices.retain(|other| other.cookie != device.cookie);
                let doubt = if is_done { self.doubt_of_password() } else { Some(exchange.describe()) };
                let (cookie, since) = (cookie.to_owned(), exchange.began);
                self.devices.push(Device { cookie, since, doubt, handle: device.handle.clone() });
            }
            // A password that was changed is not denied because the session store fails after it.
            None if is_done && world.timeline.is_settled(exchange.began) => {
                world.violate(Rule::SESSIONS, "there is no new cookie", exchange);
            }
            None => {}
        }
        if is_done {
            self.have_ended(world, std::slice::from_ref(device), how).await;
        }
    }

    fn add_device(&mut self, world: &World, exchange: &Exchange) {
        let Some(cookie) = exchange.new_cookie() else {
            return world.violate(Rule::SESSIONS, "there is no new cookie", exchange);
        };
        let (cookie, since) = (cookie.to_owned(), exchange.began);
        self.devices.push(Device { cookie, since, doubt: self.doubt_of_password(), handle: None });
    }

    /// A password change that may still happen would end what was begun with the old password.
    fn doubt_of_password(&self) -> Option<String> {
        (!self.account.is_password_certain()).then(|| "a password change".to_owned())
    }
}
