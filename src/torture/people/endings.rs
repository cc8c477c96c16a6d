//! How sessions of a person end.

use rand::RngExt;

use super::{
    ended_sessions::{EndedSession, try_at_once},
    person::{Device, Person},
    world::{Form, World},
};
use crate::{client::Exchange, violations::Rule};

impl Person {
    pub async fn sign_out(&mut self, world: &World, device: &Device) {
        let (exchange, answer) = self.post(world, "/api/sign_out", Some(device), &[]).await;
        if self.is_done(world, device, &exchange, &answer) {
            self.have_ended(world, std::slice::from_ref(device), "signed out").await;
        } else {
            self.may_have_ended(&exchange, |other| other.cookie == device.cookie);
        }
    }

    pub async fn end_others(&mut self, world: &World, device: &Device) {
        let others = self.others(device);
        let (exchange, answer) = self.post(world, "/api/end_other_sessions", Some(device), &[]).await;
        if self.is_done(world, device, &exchange, &answer) {
            self.have_ended(world, &others, "ended with all others").await;
        } else {
            self.may_have_ended(&exchange, |other| other.cookie != device.cookie);
        }
    }

    /// Ends one other session, if its handle is known.
    pub async fn end_another(&mut self, world: &World, device: &Device) {
        let other = self.others(device).into_iter().find(|other| other.handle.is_some());
        let Some(other) = other else { return };
        let fields = [("session", other.handle.as_deref().unwrap_or_default())];
        let (exchange, answer) = self.post(world, "/api/end_session", Some(device), &fields).await;
        if self.is_done(world, device, &exchange, &answer) {
            self.have_ended(world, &[other], "ended from another device").await;
        } else {
            self.may_have_ended(&exchange, |device| device.cookie == other.cookie);
        }
    }

    /// Ends all others while one of them gets a new id by a step-up: it must be over under that id, too.
    pub async fn end_while_another_confirms(&mut self, world: &World, device: &Device) {
        let Some(other) = self.others(device).pop().filter(|_| self.account.is_password_certain()) else {
            return;
        };
        let (password, by) = (self.account.password().to_owned(), self.name.clone());
        let fields = [("password", password.as_str())];
        let (cookie, by_script) = (Some(other.cookie.as_str()), false);
        let confirming =
            world.post(Form { path: "/api/confirm", cookie, fields: &fields, by_script, by: &by });
        let changes_password = self.random.random();
        let ending = async {
            if changes_password {
                self.change_password(world, device).await;
            } else {
                self.end_others(world, device).await;
            }
        };
        let ((confirmed, _), ()) = tokio::join!(confirming, ending);
        let was_ended = self.devices.iter().all(|device| device.cookie != other.cookie);
        match confirmed.new_cookie() {
            Some(cookie) if was_ended => {
                let rotated = Device { cookie: cookie.to_owned(), ..other };
                self.have_ended(world, &[rotated], "replaced and ended at the same time").await;
            }
            // Nothing is known of it any more.
            _ => self.devices.retain(|device| device.cookie != other.cookie),
        }
    }

    /// The site has acknowledged the end of sessions: from now on, none of them may be accepted.
    pub async fn have_ended(&mut self, world: &World, devices: &[Device], how: &'static str) {
        for device in devices {
            self.devices.retain(|other| other.cookie != device.cookie);
            let ended = EndedSession { cookie: device.cookie.clone(), how, owner: self.name.clone() };
            world.ended.add(ended.clone());
            try_at_once(world, &ended).await;
        }
    }

    /// The site has not acknowledged a change that ends sessions.
    pub fn may_have_ended(&mut self, change: &Exchange, is_affected: impl Fn(&Device) -> bool) {
        for device in self.devices.iter_mut().filter(|device| is_affected(device)) {
            device.doubt = Some(change.describe());
        }
    }

    /// The site says that this device is not signed in. It must say so from now on.
    pub fn was_signed_out(&mut self, world: &World, device: &Device, exchange: &Exchange) {
        // A change at the same time may have said so already.
        let Some(position) = self.devices.iter().position(|other| other.cookie == device.cookie) else {
            return;
        };
        let device = self.devices.remove(position);
        match device.doubt {
            _ if world.timeline.may_have_lost(device.since) => {}
            None => world.violate(Rule::SESSIONS, "the session was never ended", exchange),
            Some(change) => {
                self.lost_in_doubt += 1;
                world.timeline.say(&format!("{} is signed out, perhaps by this change: {change}", self.name));
            }
        }
        let owner = self.name.clone();
        world.ended.add(EndedSession { cookie: device.cookie, how: "refused before", owner });
    }

    /// All devices but one.
    pub fn others(&self, device: &Device) -> Vec<Device> {
        self.devices.iter().filter(|other| other.cookie != device.cookie).cloned().collect()
    }
}
