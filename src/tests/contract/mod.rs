//! What every session store must keep to, whatever it is made of.
//!
//! An invariant is a function of a [`Scenario`], which has an empty store. [`CONTRACT`] lists them all;
//! `mutation_check` proves of each that there is a way of doing it wrong which it notices.

mod creating;
mod ending;
mod expiring;
mod faulty_store;
mod ids;
mod merging;
mod mutation_check;
mod purging;
mod recording;
mod rotating;
mod scenario;
mod selecting;
mod touching;

pub use faulty_store::{FaultyUnderTest, Mutation};

use std::{pin::Pin, sync::Arc};

use tokio::runtime::Builder;

use self::scenario::Scenario;
use crate::support::{StoreUnderTest, for_every_store};

/// What must hold: panics where it does not.
type Invariant = fn(Scenario) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! invariants {
    ($($module:ident::$name:ident,)*) => {
        &[$((stringify!($name), |scenario| Box::pin($module::$name(scenario)))),*]
    };
}

const CONTRACT: &[(&str, Invariant)] = invariants![
    creating::what_is_created_is_found,
    creating::creating_only_inserts,
    creating::creating_writes_down_what_it_was_given_unless_it_fails,
    merging::changes_merge_by_key,
    merging::concurrent_changes_of_different_keys_all_survive,
    merging::only_live_sessions_are_changed,
    touching::touching_moves_the_idle_clock_and_nothing_else,
    touching::touching_can_bring_the_absolute_expiry_forward,
    touching::only_live_sessions_are_touched,
    ending::every_reason_is_told_back,
    ending::an_ended_session_stays_ended_whatever_comes,
    ending::an_ended_session_keeps_no_values,
    ending::ending_tells_exactly_what_it_ended,
    ending::what_has_expired_cannot_be_ended,
    selecting::this_is_one_session,
    selecting::one_is_found_by_its_handle_and_only_within_its_account,
    selecting::the_others_are_all_of_the_account_but_this,
    selecting::all_are_those_of_one_account,
    selecting::the_list_has_the_live_sessions_of_one_account,
    expiring::a_session_lives_until_the_moment_it_expires,
    expiring::idle_and_absolute_expiry_are_told_apart,
    expiring::a_stored_expiry_outlasts_a_clock_that_is_set_back,
    expiring::what_expires_later_than_it_can_is_shortened,
    rotating::the_old_id_is_replaced_and_the_new_one_lives_on,
    rotating::values_are_those_of_the_very_moment,
    rotating::what_does_not_live_is_not_rotated,
    rotating::a_known_id_is_no_place_to_rotate_to,
    rotating::rotating_writes_down_what_it_was_given_unless_it_fails,
    ids::no_id_is_kept_in_any_form,
    recording::an_ending_is_written_down_once,
    recording::an_expiry_is_written_down_once,
    recording::what_was_replaced_or_nobodys_is_not_written_down,
    purging::what_lives_stays,
    purging::sessions_of_nobody_go_as_soon_as_they_expire,
    purging::tombstones_stay_until_they_are_forgotten,
    purging::a_batch_is_no_larger_than_asked_for,
];

for_every_store!(keeps_the_contract);

fn keeps_the_contract<S: StoreUnderTest>() {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let mut broken = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(S::fresh().await), *invariant).await {
                broken.push(*name);
            }
        }
        assert!(broken.is_empty(), "broken: {broken:?}");
    });
}

async fn holds(under_test: Arc<dyn StoreUnderTest>, invariant: Invariant) -> bool {
    tokio::spawn(invariant(Scenario::new(under_test))).await.is_ok()
}
