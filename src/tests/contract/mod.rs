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

pub use faulty_store::{MutatedStore, Mutation};

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
    creating::a_created_session_can_be_loaded,
    creating::create_never_overwrites_a_session,
    creating::create_records_its_events_only_on_success,
    merging::changes_merge_by_key,
    merging::concurrent_changes_of_different_keys_all_survive,
    merging::only_live_sessions_are_changed,
    touching::touch_extends_the_idle_timeout_and_nothing_else,
    touching::touch_can_bring_the_absolute_expiry_forward,
    touching::only_live_sessions_are_touched,
    ending::the_end_reason_is_stored,
    ending::an_ended_session_stays_ended,
    ending::the_values_of_an_ended_session_are_deleted,
    ending::end_returns_exactly_the_sessions_it_ended,
    ending::an_expired_session_cannot_be_ended,
    selecting::by_id_selects_one_session,
    selecting::by_handle_selects_only_within_the_account,
    selecting::all_except_selects_the_other_sessions_of_the_account,
    selecting::all_selects_the_sessions_of_one_account,
    selecting::list_returns_the_live_sessions_of_one_account,
    expiring::a_session_is_live_until_it_expires,
    expiring::idle_and_absolute_expiry_are_distinguished,
    expiring::a_stored_expiry_survives_a_clock_set_back,
    expiring::expiries_beyond_the_limit_are_shortened,
    rotating::rotation_replaces_the_id_and_keeps_the_session,
    rotating::rotation_copies_the_current_values,
    rotating::only_live_sessions_are_rotated,
    rotating::rotation_to_an_existing_id_fails,
    rotating::rotation_records_its_events_only_on_success,
    ids::no_raw_id_is_stored,
    recording::a_revocation_is_recorded_once,
    recording::an_expiry_is_recorded_once,
    recording::replaced_and_anonymous_sessions_are_not_recorded,
    purging::live_sessions_are_not_purged,
    purging::anonymous_sessions_are_removed_as_soon_as_they_expire,
    purging::tombstones_are_kept_for_the_retention_period,
    purging::a_batch_is_no_larger_than_requested,
];

for_every_store!(keeps_the_contract);

fn keeps_the_contract<S: StoreUnderTest>() {
    Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
        let mut broken = Vec::new();
        for (name, invariant) in CONTRACT {
            if !holds(Arc::new(S::empty().await), *invariant).await {
                broken.push(*name);
            }
        }
        assert!(broken.is_empty(), "broken: {broken:?}");
    });
}

async fn holds(backend: Arc<dyn StoreUnderTest>, invariant: Invariant) -> bool {
    tokio::spawn(invariant(Scenario::new(backend))).await.is_ok()
}
